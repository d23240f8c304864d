using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
        var shared = new ushort[tokens.Length];
        (MaxDepth, var count) = Measure(all, shared);
        nodes = new Node[count + 1];
        summaries = Summarise(Fill(all, shared));
    }

    /// <summary>The length of the longest piece in bytes.</summary>
    internal int MaxDepth { get; }

    /// <summary>Sets the bit of every token that <paramref name="state"/> can read to its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>The token with the longest piece that <paramref name="text"/> begins with; -1 when there is none.</summary>
    internal int LongestAt(ReadOnlySpan<byte> text)
    {
        var (found, from, end) = (-1, 0, nodes.Length - 1);
        for (var depth = 0; depth < text.Length && from < end; depth++)
        {
            while (from < end && nodes[from].Label != text[depth])
                from = nodes[from].End;
            if (from >= end)
                break;
            // Tokens that end here come before those of the first child.
            if (nodes[from].FirstToken < nodes[from + 1].FirstToken)
                found = tokens[nodes[from].FirstToken];
            (from, end) = (from + 1, nodes[from].End);
        }

        return found;
    }

    // Built once for a model, while its first constrained answer waits: optimised at once, or its loops would run as unoptimised code.

    /// <summary>Sorts by the first eight bytes as one number, then settles what they leave open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] SortByBytes(byte[]?[] pieces)
    {
        var ids = new int[pieces.Length];
        var keys = new ulong[pieces.Length];
        var count = 0;
        Span<byte> head = stackalloc byte[8];
        for (var token = 0; token < pieces.Length; token++)
        {
            if (pieces[token] is not { Length: > 0 } piece)
                continue;
            head.Clear();
            piece.AsSpan(0, Math.Min(8, piece.Length)).CopyTo(head);
            keys[count] = BinaryPrimitives.ReadUInt64BigEndian(head);
            ids[count++] = token;
        }

        Array.Resize(ref ids, count);
        Array.Resize(ref keys, count);
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

    /// <summary>The longest piece, the number of nodes, and for each token how many bytes it shares with the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int Longest, int Nodes) Measure(byte[]?[] pieces, ushort[] shared)
    {
        var (longest, count) = (0, 0);
        ReadOnlySpan<byte> previous = default;
        for (var i = 0; i < tokens.Length; i++)
        {
            ReadOnlySpan<byte> piece = pieces[tokens[i]];
            shared[i] = checked((ushort)piece.CommonPrefixLength(previous));
            count += piece.Length - shared[i];
            longest = Math.Max(longest, piece.Length);
            previous = piece;
        }

        return (longest, count);
    }

    /// <summary>Lays out the nodes; returns the parent of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] Fill(byte[]?[] pieces, ushort[] shared)
    {
        var open = new int[MaxDepth];
        var parents = new int[nodes.Length];
        var (depth, count) = (0, 0);
        for (var i = 0; i < tokens.Length; i++)
        {
            var piece = pieces[tokens[i]]!;
            while (depth > shared[i])
                nodes[open[--depth]].End = count;
            for (; depth < piece.Length; depth++)
            {
                nodes[count] = new Node { Label = piece[depth], Depth = checked((ushort)(depth + 1)), FirstToken = i, Summary = -1 };
                parents[count] = depth > 0 ? open[depth - 1] : -1;
                open[depth] = count++;
            }
        }

        while (depth > 0)
            nodes[open[--depth]].End = count;
        nodes[count].FirstToken = tokens.Length;
        return parents;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
