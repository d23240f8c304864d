namespace AgentKit.Models.Engine;

/// <summary>
/// Finds, among many token sequences, one that has the longest beginning in common with a prompt: a radix tree, in which the sequences with a
/// common beginning hang from one path. Sequences of different scopes never meet.
/// </summary>
/// <typeparam name="T">What is found: the holder of the sequence.</typeparam>
internal sealed class PrefixTree<T>
    where T : class
{
    private readonly Dictionary<int, Node> _roots = [];

    /// <summary>Adds a sequence. Equal sequences may be added for different holders.</summary>
    /// <param name="scope">Only prompts of the same scope find it.</param>
    /// <param name="tokens">The sequence; not changed afterwards.</param>
    /// <param name="holder">What to find.</param>
    public void Add(int scope, int[] tokens, T holder)
    {
        if (!_roots.TryGetValue(scope, out Node? node))
        {
            _roots[scope] = node = new(null, default);
        }

        ReadOnlyMemory<int> rest = tokens;
        while (rest.Length > 0)
        {
            node = node.Children.TryGetValue(rest.Span[0], out Node? child) ? child.Split(child.Common(rest.Span)) : node.Append(rest);
            rest = rest[node.Edge.Length..];
        }

        node.Holders.Add(holder);
    }

    /// <summary>Removes what <see cref="Add"/> added.</summary>
    public void Remove(int scope, int[] tokens, T holder)
    {
        Node node = _roots[scope];
        for (int done = 0; done < tokens.Length; done += node.Edge.Length)
        {
            node = node.Children[tokens[done]];
        }

        node.Holders.Remove(holder);
        node.Prune();
    }

    /// <summary>The holder of a sequence with the longest common beginning; <c>null</c> when there is none with even one token.</summary>
    /// <param name="scope">Where to look.</param>
    /// <param name="prompt">The tokens to find.</param>
    /// <param name="wholeOnly">Whether only sequences count that the prompt contains as a whole.</param>
    /// <param name="length">How many tokens are common.</param>
    public T? Longest(int scope, ReadOnlySpan<int> prompt, bool wholeOnly, out int length)
    {
        length = 0;
        if (!_roots.TryGetValue(scope, out Node? node))
        {
            return null;
        }

        T? whole = null;
        int wholeLength = 0;
        int common = 0;
        while (common < prompt.Length && node.Children.TryGetValue(prompt[common], out Node? child))
        {
            int matched = child.Common(prompt[common..]);
            common += matched;
            node = child;
            if (matched < child.Edge.Length)
            {
                break;
            }

            if (child.Holders.Count > 0)
            {
                (whole, wholeLength) = (child.Holders[^1], common);
            }
        }

        length = wholeOnly ? wholeLength : common;
        return wholeOnly ? whole : common == 0 ? null : node.AnyHolder();
    }

    /// <summary>A stretch of tokens behind its parent's.</summary>
    private sealed class Node(Node? parent, ReadOnlyMemory<int> edge)
    {
        private Node? _parent = parent;

        public ReadOnlyMemory<int> Edge { get; private set; } = edge;

        public Dictionary<int, Node> Children { get; } = [];

        public List<T> Holders { get; } = [];

        public int Common(ReadOnlySpan<int> tokens) => Edge.Span.CommonPrefixLength(tokens);

        public Node Append(ReadOnlyMemory<int> edge) => Children[edge.Span[0]] = new(this, edge);

        /// <summary>The node for the first tokens of the edge: this one, or a new one above it.</summary>
        public Node Split(int at)
        {
            if (at == Edge.Length)
            {
                return this;
            }

            Node upper = _parent!.Append(Edge[..at]);
            Edge = Edge[at..];
            _parent = upper;
            upper.Children[Edge.Span[0]] = this;
            return upper;
        }

        public T AnyHolder()
        {
            Node node = this;
            while (node.Holders.Count == 0)
            {
                node = node.Children.First().Value;
            }

            return node.Holders[^1];
        }

        /// <summary>Takes nodes out of the tree that lead nowhere, and joins those that no longer branch.</summary>
        public void Prune()
        {
            if (_parent is null || Holders.Count > 0 || Children.Count > 1)
            {
                return;
            }

            if (Children.Count == 0)
            {
                _parent.Children.Remove(Edge.Span[0]);
                _parent.Prune();
                return;
            }

            Node only = Children.First().Value;
            only.Edge = (int[])[.. Edge.Span, .. only.Edge.Span];
            only._parent = _parent;
            _parent.Children[Edge.Span[0]] = only;
        }
    }
}
