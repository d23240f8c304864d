using System.Numerics;

namespace AgentKit.Eval.Text;

/// <summary>
/// Counts the n-grams that texts share, for one n after the other. An n-gram is named by the (n−1)-gram it begins with and its last symbol,
/// so the counts are exact for any n and any alphabet.
/// </summary>
internal sealed class NGramOverlap
{
    private const int MostOnStack = 1024;

    // 2⁶⁴ over the golden ratio (Knuth, The Art of Computer Programming, volume 3, section 6.4).
    private const ulong Spread = 0x9e3779b97f4a7c15;

    private readonly int[][] _symbols;
    private readonly int[][] _ids;
    private readonly ulong[] _keys;
    private readonly int[] _numbers;
    private int _named;

    /// <param name="texts">The texts as symbols, [text][position].</param>
    public NGramOverlap(params int[][] texts)
    {
        _symbols = texts;
        // A table of names at most half full; a number of 0 marks a place that is free.
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, 2 * texts.Sum(text => text.Length)));
        (_keys, _numbers) = (new ulong[size], new int[size]);
        _ids = new int[texts.Length][];
        for (int text = 0; text < texts.Length; text++) _ids[text] = Array.ConvertAll(texts[text], symbol => Name(0, symbol));
        Order = 1;
    }

    /// <summary>The n that is counted now; 1 at first.</summary>
    public int Order { get; private set; }

    /// <summary>Number of n-grams of a text.</summary>
    public int Total(int text) => _ids[text].Length;

    /// <summary>Goes on to n + 1.</summary>
    public void Next()
    {
        _numbers.AsSpan().Clear();
        _named = 0;
        for (int text = 0; text < _ids.Length; text++)
        {
            int[] shorter = _ids[text];
            int[] longer = new int[Math.Max(shorter.Length - 1, 0)];
            for (int i = 0; i < longer.Length; i++) longer[i] = Name(shorter[i], _symbols[text][i + Order]);
            _ids[text] = longer;
        }

        Order++;
    }

    /// <summary>
    /// How many n-grams of a text are found in others, each counted at most as often as the text holds it that holds it most.
    /// </summary>
    public int Matches(int text, params ReadOnlySpan<int> others)
    {
        Span<int> most = _named <= MostOnStack ? stackalloc int[_named] : new int[_named];
        Span<int> counts = _named <= MostOnStack ? stackalloc int[_named] : new int[_named];
        most.Clear();
        counts.Clear();
        foreach (int other in others)
        {
            foreach (int id in _ids[other]) most[id] = Math.Max(most[id], ++counts[id]);
            foreach (int id in _ids[other]) counts[id] = 0;
        }

        int matches = 0;
        foreach (int id in _ids[text])
        {
            if (counts[id]++ < most[id]) matches++;
        }

        return matches;
    }

    /// <summary>Words as symbols; equal words are the same symbol.</summary>
    public static int[][] Symbols(params IReadOnlyList<string>[] texts)
    {
        Dictionary<string, int> symbols = new(StringComparer.Ordinal);
        return Array.ConvertAll(texts, words => words.Select(word =>
        {
            if (!symbols.TryGetValue(word, out int symbol)) symbols.Add(word, symbol = symbols.Count);
            return symbol;
        }).ToArray());
    }

    private int Name(int beginning, int symbol)
    {
        ulong key = ((ulong)(uint)beginning << 32) | (uint)symbol;
        int mask = _numbers.Length - 1;
        int at = (int)((key * Spread) >> 32) & mask;
        while (_numbers[at] != 0 && _keys[at] != key) at = (at + 1) & mask;
        if (_numbers[at] == 0) (_keys[at], _numbers[at]) = (key, ++_named);
        return _numbers[at] - 1;
    }
}
