using System.Collections.Concurrent;

namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>
/// Links the rows of a vector file: Malkov and Yashunin 2018, algorithms 1 and 4. Rows join in groups: those of a group look for their neighbours at
/// the same time, in the graph as it was before the group and among each other; then all of them are linked back. So the graph depends on rows and
/// seed only, not on threads.
/// </summary>
internal sealed class GraphBuilder
{
    /// <summary>Neighbours of a row above the lowest layer; there it has twice as many.</summary>
    private const int Links = 16;

    /// <summary>Rows among which the neighbours are chosen.</summary>
    private const int Breadth = 128;

    private const int LargestGroup = 1024;

    /// <summary>A group is at most this part of the rows that are linked already: the others are its neighbours.</summary>
    private const int GroupShare = 8;

    private const int MostLayers = 16;

    private readonly VectorFile _vectors;
    private readonly GraphFile _graph;
    private readonly int[][] _chosen = new int[LargestGroup][];
    private readonly ConcurrentBag<GraphChoice> _idle = [];

    private GraphBuilder(VectorFile vectors, GraphFile graph) => (_vectors, _graph) = (vectors, graph);

    /// <summary>Writes the graph of a vector file under a temporary name, and puts it in place when it is whole and on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="embedder">What makes the vectors.</param>
    /// <param name="vectors">The rows.</param>
    /// <param name="before">The graph of an earlier generation, whose links are taken over; may be <c>null</c>.</param>
    /// <param name="seed">Decides, with a row's id, in how many layers it is.</param>
    /// <param name="progress">Told how many rows are linked.</param>
    /// <param name="cancellationToken">Ends it; nothing is left then.</param>
    public static void Write(
        string path, string embedder, VectorFile vectors, GraphFile? before, ulong seed, Action<int>? progress, CancellationToken cancellationToken)
    {
        string temporary = FileWithRoom.TemporaryName(path);
        byte[] layers = new byte[vectors.Layout.Count];
        for (int row = 0; row < layers.Length; row++) layers[row] = LayersOf(vectors.Ids[row], seed);
        try
        {
            using (GraphFile graph = GraphFile.Create(temporary, vectors, Links, layers))
            {
                var builder = new GraphBuilder(vectors, graph);
                int[] rows = before is null ? [.. Enumerable.Range(0, layers.Length)] : GraphTransfer.Run(before, graph);
                builder.Join(rows, layers.Length - rows.Length, progress, cancellationToken);
                graph.Complete(embedder, vectors.Generation);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Layers above the lowest: with a probability of 1 / links one, of 1 / links² two, and so on.</summary>
    private static byte LayersOf(long id, ulong seed)
    {
        // SplitMix64: neighbouring ids get unrelated numbers.
        ulong mixed = (ulong)id + (seed * 0x9E3779B97F4A7C15) + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        double uniform = (((mixed ^ (mixed >> 31)) >> 11) + 1) / (double)(1UL << 53);
        return (byte)Math.Min(MostLayers, (int)(-Math.Log(uniform) / Math.Log(Links)));
    }

    private void Join(int[] rows, int joined, Action<int>? progress, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        for (int at = 0; at < rows.Length;)
        {
            int size = Math.Min(rows.Length - at, Math.Clamp(joined / GroupShare, 1, LargestGroup));
            int[] group = rows[at..(at + size)];
            int top = _graph.Entry < 0 ? -1 : _graph.Layers(_graph.Entry);
            for (int layer = Math.Min(top, group.Max(_graph.Layers)); layer >= 0; layer--) Link(group, layer, top, options);
            foreach (int row in group)
            {
                if (_graph.Entry < 0 || _graph.Layers(row) > _graph.Layers(_graph.Entry)) _graph.Entry = row;
            }

            (at, joined) = (at + size, joined + size);
            progress?.Invoke(joined);
        }
    }

    private GraphChoice Rent() => _idle.TryTake(out GraphChoice? idle) ? idle : new GraphChoice(_vectors, _graph);

    /// <summary>Links the rows of a group that are in a layer.</summary>
    private void Link(int[] group, int layer, int top, ParallelOptions options)
    {
        int[] members = [.. group.Where(row => _graph.Layers(row) >= layer)];
        Parallel.For(
            0, members.Length, options, Rent,
            (i, _, choice) =>
            {
                choice.Walker.Query.Set(members[i]);
                choice.Walker.Walk(choice.Walker.Descend(_graph.Entry, top, layer + 1), layer, Breadth);
                foreach (int other in members)
                {
                    if (other != members[i]) choice.Walker.Add(other, Breadth);
                }

                _chosen[i] = choice.Select(choice.Walker.Found, Links);
                return choice;
            },
            _idle.Add);
        for (int i = 0; i < members.Length; i++) _graph.SetNeighbours(members[i], layer, _chosen[i]);
        LinkBack(members, layer, options);
    }

    /// <summary>Whoever was chosen as a neighbour gets its chooser as one; where that are too many, it chooses anew.</summary>
    private void LinkBack(int[] members, int layer, ParallelOptions options)
    {
        (int To, int From)[] links = [.. members.SelectMany((row, i) => _chosen[i].Select(to => (to, row)))];
        Array.Sort(links);
        var targets = new List<(int First, int Count)>();
        for (int i = 0; i < links.Length; i++)
        {
            if (i > 0 && links[i].To == links[i - 1].To) targets[^1] = (targets[^1].First, targets[^1].Count + 1);
            else targets.Add((i, 1));
        }

        Parallel.For(
            0, targets.Count, options, Rent,
            (i, _, choice) =>
            {
                (int first, int count) = targets[i];
                choice.LinkBack(links[first].To, layer, links.AsSpan(first, count));
                return choice;
            },
            _idle.Add);
    }
}
