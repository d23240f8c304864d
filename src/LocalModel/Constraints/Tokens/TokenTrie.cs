using System.Buffers.Binary;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// The byte pieces of all tokens as a trie, laid out in the order of a depth-first walk: to walk is to go through the arrays from left to
/// right, to refuse a prefix is one jump. Tokens are sorted by their bytes, so the tokens below a node are one range.
/// </summary>
internal sealed class TokenTrie
{
    /// <summary>
    /// Subtrees of at least this many nodes know which bytes occur in them, so that a loop over text can take them whole.
    /// </summary>
    private const int SummarisedSize = 12;

    private readonly Node[] nodes;
    private readonly ByteSet[] summaries;
    private readonly int[] tokens;

    /// <param name="pieces">The bytes of each token; <c>null</c> or empty for tokens that stand for no text.</param>
    internal TokenTrie(ReadOnlySpan<byte[]?> pieces)
    {
        var all = pieces.ToArray();
        tokens = SortByBytes(all);
        MaxDepth = tokens.Length == 0 ? 0 : tokens.Max(t => all[t]!.Length);
        nodes = new Node[CountNodes(all) + 1];
        summaries = Summarise(Fill(all));
    }

    /// <summary>The length of the longest piece in bytes.</summary>
    internal int MaxDepth { get; }

    /// <summary>Sets the bit of every token that <paramref name="state"/> can read to its end.</summary>
    internal void Mark(GrammarState state, Span<ulong> bits)
    {
        var path = new GrammarState[MaxDepth + 1];
        path[0] = state;
        for (var index = 0; index < nodes.Length - 1;)
        {
            ref readonly var node = ref nodes[index];
            var next = path[node.Depth - 1].Next(node.Label);
            if (next.IsDead)
            {
                index = node.End;
                continue;
            }

            path[node.Depth] = next;
            var takesAll = node.Summary >= 0 && next.SelfLoop.Contains(summaries[node.Summary]);
            var following = takesAll ? node.End : index + 1;
            for (var t = node.FirstToken; t < nodes[following].FirstToken; t++)
                bits[tokens[t] >> 6] |= 1UL << (tokens[t] & 63);
            index = following;
        }
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

    /// <summary>Lays out the nodes; returns the parent of each.</summary>
    private int[] Fill(byte[]?[] pieces)
    {
        var open = new Stack<int>();
        var parents = new int[nodes.Length];
        var count = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            var piece = pieces[tokens[i]]!;
            var shared = SharedWithPrevious(pieces, i);
            while (open.Count > shared)
                nodes[open.Pop()].End = count;
            for (var depth = shared; depth < piece.Length; depth++)
            {
                nodes[count] = new Node { Label = piece[depth], Depth = checked((ushort)(depth + 1)), FirstToken = i, Summary = -1 };
                parents[count] = open.Count > 0 ? open.Peek() : -1;
                open.Push(count++);
            }
        }

        while (open.TryPop(out var last))
            nodes[last].End = count;
        nodes[count].FirstToken = tokens.Length;
        return parents;
    }

    private ByteSet[] Summarise(int[] parents)
    {
        var below = new ByteSet[nodes.Length];
        var kept = new List<ByteSet>();
        for (var node = nodes.Length - 2; node >= 0; node--)
        {
            if (parents[node] >= 0)
                below[parents[node]] = below[parents[node]].Union(below[node]).With(nodes[node].Label);
            if (nodes[node].End - node < SummarisedSize)
                continue;
            nodes[node].Summary = kept.Count;
            kept.Add(below[node]);
        }

        return [.. kept];
    }

    /// <summary>One byte of a piece. The last node is only a mark: its first token is the end of the last range.</summary>
    private struct Node
    {
        internal byte Label;
        internal ushort Depth;

        /// <summary>The node after the subtree.</summary>
        internal int End;

        /// <summary>The first of the sorted tokens in the subtree; those that end here come first.</summary>
        internal int FirstToken;

        /// <summary>The bytes that occur below, or -1 for a small subtree.</summary>
        internal int Summary;
    }
}
