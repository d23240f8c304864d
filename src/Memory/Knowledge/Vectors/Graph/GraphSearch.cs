using System.Collections.Concurrent;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>Nearest rows by a graph. Safe for concurrent use.</summary>
internal sealed class GraphSearch(VectorFile vectors, GraphFile graph) : IDisposable
{
    /// <summary>Rows that are kept and followed: more find more and take longer.</summary>
    public const int DefaultBreadth = 192;

    private const int BreadthPerResult = 4;

    /// <summary>Where a filter leaves one row of so many or fewer, those are looked at one by one: that is exact, and soon no slower.</summary>
    private const int ScanShare = 8;

    private readonly ConcurrentBag<GraphWalker> _walkers = [];

    /// <summary>The nearest rows. May miss a near one; never returns fewer than there are.</summary>
    /// <param name="query">[dimensions], of length 1.</param>
    /// <param name="count">Most results.</param>
    /// <param name="allowed">Rows that may be found; all when <c>null</c>.</param>
    /// <param name="breadth">Rows kept and followed.</param>
    /// <returns>Best first; equal scores by id; scores are exact.</returns>
    public List<Candidate> Search(ReadOnlySpan<float> query, int count, bool[]? allowed = null, int breadth = DefaultBreadth)
    {
        int possible = allowed?.Count(isAllowed => isAllowed) ?? vectors.Layout.Count;
        int wanted = Math.Min(count, possible);
        if (graph.Entry < 0 || possible <= vectors.Layout.Count / ScanShare || possible <= count * BreadthPerResult)
            return VectorScan.SearchExactly(vectors, query, count, allowed);
        // What a filter takes away has to be found in addition.
        long needed = Math.Max(breadth, (long)count * BreadthPerResult) * vectors.Layout.Count / possible;
        GraphWalker walker = _walkers.TryTake(out GraphWalker? idle) ? idle : new GraphWalker(vectors, graph);
        walker.Query.Set(query);
        int entry = walker.Descend(graph.Entry, graph.Layers(graph.Entry), 1);
        walker.Walk(entry, 0, (int)Math.Min(needed, vectors.Layout.Count));
        var rows = new List<int>();
        foreach (GraphWalker.Near near in walker.Found)
        {
            if (allowed is null || allowed[near.Row]) rows.Add(near.Row);
        }

        _walkers.Add(walker);
        // Rounding to 8 bits changes the order a little: more than are wanted are compared exactly.
        return rows.Count < wanted
            ? VectorScan.SearchExactly(vectors, query, count, allowed)
            : Int8Query.Decide(vectors, query, count, rows.Take(count * BreadthPerResult));
    }

    public void Dispose() => graph.Dispose();
}
