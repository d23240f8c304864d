using System.Runtime.InteropServices;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Stores;

/// <summary>How often each term occurs in a text.</summary>
internal readonly struct TermFrequencies : ITermSink
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public TermFrequencies()
    {
    }

    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Number of all terms.</summary>
    public int Length => _counts.Values.Sum();

    public static TermFrequencies Of(string text)
    {
        var frequencies = new TermFrequencies();
        Analyzer.Analyze(text, ref frequencies);
        return frequencies;
    }

    public void Add(ReadOnlySpan<char> term) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_counts.GetAlternateLookup<ReadOnlySpan<char>>(), term, out _)++;
}
