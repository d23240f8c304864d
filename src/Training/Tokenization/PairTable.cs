using System.Runtime.InteropServices;

namespace AgentKit.Training.Tokenization;

/// <summary>
/// The words as tokens, with the number of times each pair of neighbours is there and in which words. A merge touches those words alone; the queue
/// keeps old counts and corrects them when they come up.
/// </summary>
internal sealed class PairTable
{
    private readonly int[][] _words;
    private readonly long[] _counts;
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, int Left, int Right)> _queue = new();
    private readonly HashSet<(int Left, int Right)> _grown = [];

    public PairTable(IReadOnlyList<(byte[] Word, long Count)> words)
    {
        _words = [.. words.Select(word => Array.ConvertAll(word.Word, value => (int)value))];
        _counts = [.. words.Select(word => word.Count)];
        for (int word = 0; word < _words.Length; word++)
        {
            for (int i = 0; i + 1 < _words[word].Length; i++) Add(word, (_words[word][i], _words[word][i + 1]));
        }

        Enqueue();
    }

    /// <summary>The most frequent pair; <c>null</c> when none is there often enough.</summary>
    public (int Left, int Right)? MostFrequent(long least)
    {
        while (_queue.TryDequeue(out (int Left, int Right) pair, out (long Count, int Left, int Right) key))
        {
            long count = _pairs.GetValueOrDefault(pair);
            if (count == -key.Count) return count >= least ? pair : null;
            if (count > 0) Enqueue(pair, count);
        }

        return null;
    }

    /// <summary>Puts a token in the place of a pair, wherever it is.</summary>
    public void Merge((int Left, int Right) pair, int token)
    {
        foreach (int word in _places[pair]) Merge(word, pair, token);
        _pairs.Remove(pair);
        _places.Remove(pair);
        Enqueue();
    }

    private void Merge(int word, (int Left, int Right) pair, int token)
    {
        int[] tokens = _words[word];
        int length = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            bool here = i + 1 < tokens.Length && tokens[i] == pair.Left && tokens[i + 1] == pair.Right;
            if (here)
            {
                if (length > 0) Replace(word, (tokens[length - 1], pair.Left), (tokens[length - 1], token));
                i++;
                if (i + 1 < tokens.Length) Replace(word, (pair.Right, tokens[i + 1]), (token, tokens[i + 1]));
            }

            // What was read already may be written over.
            tokens[length++] = here ? token : tokens[i];
        }

        if (length < tokens.Length) _words[word] = tokens[..length];
    }

    private void Replace(int word, (int Left, int Right) old, (int Left, int Right) pair)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairs, old, out _) -= _counts[word];
        Add(word, pair);
    }

    private void Add(int word, (int Left, int Right) pair)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _) += _counts[word];
        ref List<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
        places ??= [];
        if (places.Count == 0 || places[^1] != word) places.Add(word);
        _grown.Add(pair);
    }

    private void Enqueue()
    {
        foreach ((int, int) pair in _grown) Enqueue(pair, _pairs.GetValueOrDefault(pair));
        _grown.Clear();
    }

    private void Enqueue((int Left, int Right) pair, long count)
    {
        if (count > 0) _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
    }
}
