namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>Chooses neighbours. Used by one thread.</summary>
internal sealed class GraphChoice(VectorFile vectors, GraphFile graph)
{
    private readonly List<Int8Query> _kept = [];

    public GraphWalker Walker => field ??= new GraphWalker(vectors, graph);

    /// <summary>
    /// Algorithm 4: takes the nearest ones, but none that is nearer to one taken than to the row itself, so that links lead in all directions.
    /// Places left are given to the nearest of those that were passed over.
    /// </summary>
    /// <param name="candidates">Nearest first.</param>
    /// <param name="most">Most neighbours.</param>
    public int[] Select(ReadOnlySpan<GraphWalker.Near> candidates, int most)
    {
        var taken = new List<int>(most);
        var passed = new List<int>();
        foreach (GraphWalker.Near candidate in candidates)
        {
            if (taken.Count == most) break;
            bool isNew = true;
            for (int i = 0; i < taken.Count && isNew; i++) isNew = _kept[i].Score(candidate.Row) <= candidate.Score;
            if (!isNew)
            {
                passed.Add(candidate.Row);
                continue;
            }

            if (_kept.Count == taken.Count) _kept.Add(new Int8Query(vectors));
            _kept[taken.Count].Set(candidate.Row);
            taken.Add(candidate.Row);
        }

        taken.AddRange(passed.Take(most - taken.Count));
        return [.. taken];
    }

    /// <summary>Adds neighbours to a row.</summary>
    public void LinkBack(int row, int layer, ReadOnlySpan<(int To, int From)> links)
    {
        var all = new List<int>(graph.Neighbours(row, layer).ToArray());
        foreach ((_, int from) in links)
        {
            if (!all.Contains(from)) all.Add(from);
        }

        int most = graph.Most(layer);
        if (all.Count <= most)
        {
            graph.SetNeighbours(row, layer, all.ToArray());
            return;
        }

        Walker.Query.Set(row);
        GraphWalker.Near[] candidates = [.. all.Select(other => new GraphWalker.Near(other, Walker.Query.Score(other)))
            .OrderByDescending(near => near.Score).ThenBy(near => near.Row)];
        graph.SetNeighbours(row, layer, Select(candidates, most));
    }
}
