using System.Text;

namespace AgentKit.Training.Tokenization;

/// <summary>Counts the words of a corpus on all cores; the counts do not depend on who counted what.</summary>
internal static class WordCounter
{
    public static List<(byte[] Word, long Count)> Count(TextCorpus corpus, int threads, Action<BpeProgress>? progress, CancellationToken stop)
    {
        Lock gate = new();
        Dictionary<string, long> total = new(StringComparer.Ordinal);
        long read = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = stop };
        try
        {
            Parallel.ForEach(
                corpus.Read(),
                options,
                static () => new Dictionary<string, long>(StringComparer.Ordinal),
                (block, _, counts) =>
                {
                    Count(block.Text, counts);
                    progress?.Invoke(new(false, Math.Min(corpus.Bytes, Interlocked.Add(ref read, Encoding.UTF8.GetByteCount(block.Text))), corpus.Bytes));
                    return counts;
                },
                counts =>
                {
                    lock (gate) Add(counts, total);
                });
        }
        catch (AggregateException e) when (e.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return [.. total.Select(word => (Encoding.UTF8.GetBytes(word.Key), word.Value))];
    }

    private static void Count(ReadOnlySpan<char> text, Dictionary<string, long> counts)
    {
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        while (text.Length > 0)
        {
            int length = WordSplitter.First(text);
            ref long count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(lookup, text[..length], out _);
            count++;
            text = text[length..];
        }
    }

    private static void Add(Dictionary<string, long> counts, Dictionary<string, long> total)
    {
        foreach ((string word, long count) in counts) total[word] = total.GetValueOrDefault(word) + count;
    }
}
