using System.Buffers.Binary;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// The byte pieces of all tokens as a trie, laid out in the order of a depth-first walk: to walk is to go through the arrays from left to right,
/// to refuse a prefix is one jump. Tokens are sorted by their bytes, so the tokens below a node are one range.
/// </summary>
internal sealed class TokenTrie
{
    /// <summary>Subtrees of at least this many nodes know which bytes occur in them, so that a loop over text can take them whole.</summary>
    private const int SummarisedSize = 12;

    private readonly byte[] labels;
    private readonly ushort[] depths;
    private readonly int[] ends;
    private readonly int[] firstTokens;
    private readonly int[] summaries;
    private readonly ByteSet[] summarySets;
    private readonly int[] tokens;

    /// <param name="pieces">The bytes of each token; <c>null</c> or empty for tokens that stand for no text.</param>
    internal TokenTrie(ReadOnlySpan<byte[]?> pieces)
    {
        var all = pieces.ToArray();
        tokens = SortByBytes(all);
        var nodeCount = CountNodes(all);
        labels = new byte[nodeCount];
        depths = new ushort[nodeCount];
        ends = new int[nodeCount];
        firstTokens = new int[nodeCount + 1];
        MaxDepth = tokens.Length == 0 ? 0 : tokens.Max(t => all[t]!.Length);
        Fill(all);
        (summaries, summarySets) = Summarise();
    }

    /// <summary>The length of the longest piece in bytes.</summary>
    internal int MaxDepth { get; }

    internal int NodeCount => labels.Length;

    /// <summary>Sets the bit of every token that <paramref name="state"/> can read to its end.</summary>
    internal void Mark(GrammarState state, Span<ulong> bits)
    {
        var path = new GrammarState[MaxDepth + 1];
        path[0] = state;
        for (var node = 0; node < labels.Length;)
        {
            var depth = depths[node];
            var next = path[depth - 1].Next(labels[node]);
            if (next.IsDead)
            {
                node = ends[node];
                continue;
            }

            path[depth] = next;
            var summary = summaries[node];
            if (summary >= 0 && next.SelfLoop.Contains(summarySets[summary]))
            {
                MarkRange(firstTokens[node], firstTokens[ends[node]], bits);
                node = ends[node];
                continue;
            }

            MarkRange(firstTokens[node], firstTokens[node + 1], bits);
            node++;
        }
    }

    private void MarkRange(int from, int to, Span<ulong> bits)
    {
        foreach (var token in tokens.AsSpan(from, to - from))
            bits[token >> 6] |= 1UL << (token & 63);
    }

    /// <summary>Sorts by the first eight bytes as one number, then settles what they leave open.</summary>
    private static int[] SortByBytes(byte[]?[] pieces)
    {
        var ids = Enumerable.Range(0, pieces.Length).Where(t => pieces[t] is { Length: > 0 }).ToArray();
        var keys = new ulong[ids.Length];
        Span<byte> head = stackalloc byte[8];
        for (var i = 0; i < ids.Length; i++)
        {
            head.Clear();
            var piece = pieces[ids[i]]!;
            piece.AsSpan(0, Math.Min(8, piece.Length)).CopyTo(head);
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(head);
        }

        Array.Sort(keys, ids);
        for (int i = 0, end; i < ids.Length; i = end)
        {
            for (end = i + 1; end < ids.Length && keys[end] == keys[i];)
                end++;
            if (end - i > 1)
                ids.AsSpan(i, end - i).Sort((a, b) => Compare(pieces[a]!, pieces[b]!) is var order and not 0 ? order : a.CompareTo(b));
        }

        return ids;
    }

    private static int Compare(byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b);

    private int CountNodes(byte[]?[] pieces)
    {
        var count = 0;
        for (var i = 0; i < tokens.Length; i++)
            count += pieces[tokens[i]]!.Length - SharedWithPrevious(pieces, i);
        return count;
    }

    private int SharedWithPrevious(byte[]?[] pieces, int index) =>
        index == 0 ? 0 : pieces[tokens[index]].AsSpan().CommonPrefixLength(pieces[tokens[index - 1]]);

    private void Fill(byte[]?[] pieces)
    {
        var open = new Stack<int>();
        var node = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            var piece = pieces[tokens[i]]!;
            var shared = SharedWithPrevious(pieces, i);
            while (open.Count > shared)
                ends[open.Pop()] = node;
            for (var depth = shared; depth < piece.Length; depth++)
            {
                labels[node] = piece[depth];
                depths[node] = checked((ushort)(depth + 1));
                firstTokens[node] = i;
                open.Push(node++);
            }
        }

        while (open.TryPop(out var last))
            ends[last] = node;
        firstTokens[node] = tokens.Length;
    }

    private (int[] Indices, ByteSet[] Sets) Summarise()
    {
        var indices = new int[labels.Length];
        Array.Fill(indices, -1);
        var sets = new List<ByteSet>();
        for (var node = 0; node < labels.Length; node++)
        {
            if (ends[node] - node < SummarisedSize)
                continue;
            var set = new ByteSet();
            for (var below = node + 1; below < ends[node]; below++)
                set = set.With(labels[below]);
            indices[node] = sets.Count;
            sets.Add(set);
        }

        return (indices, [.. sets]);
    }
}
