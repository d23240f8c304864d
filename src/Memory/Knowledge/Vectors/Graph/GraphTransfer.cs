namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>Takes the links of rows that are still there over from an earlier graph.</summary>
internal static class GraphTransfer
{
    /// <summary>A graph that has lost more than this part of its rows is made anew: too many ways are gone.</summary>
    private const int LostShare = 4;

    /// <returns>The rows that have to be linked: new ones, and those that lost half of their neighbours.</returns>
    public static int[] Run(GraphFile before, GraphFile graph)
    {
        int[] now = [.. Enumerable.Range(0, before.Layout.Rows).Select(old => PlaceOf(before, old, graph))];
        int lost = now.Count(row => row < 0);
        if (lost > now.Length / LostShare || before.Layout.Links != graph.Layout.Links) return [.. Enumerable.Range(0, graph.Layout.Rows)];
        bool[] linked = new bool[graph.Layout.Rows];
        for (int old = 0; old < now.Length; old++)
        {
            if (now[old] >= 0) linked[now[old]] = TransferRow(before, graph, now, old);
        }

        int entry = before.Entry < 0 ? -1 : now[before.Entry];
        if (entry < 0 || !linked[entry]) entry = Highest(graph, linked);
        graph.Entry = entry;
        return [.. Enumerable.Range(0, linked.Length).Where(row => !linked[row])];
    }

    /// <returns>The row of the same chunk with the same content, −1 when there is none.</returns>
    private static int PlaceOf(GraphFile before, int old, GraphFile graph)
    {
        int place = graph.Ids.BinarySearch(before.Ids[old]);
        return place >= 0 && graph.Contents[place] == before.Contents[old] ? place : -1;
    }

    private static bool TransferRow(GraphFile before, GraphFile graph, int[] now, int old)
    {
        bool isLinked = true;
        for (int layer = 0; layer <= Math.Min(before.Layers(old), graph.Layers(now[old])); layer++)
        {
            ReadOnlySpan<int> neighbours = before.Neighbours(old, layer);
            var kept = new List<int>(neighbours.Length);
            foreach (int neighbour in neighbours)
            {
                if (now[neighbour] >= 0) kept.Add(now[neighbour]);
            }

            graph.SetNeighbours(now[old], layer, kept.ToArray());
            isLinked &= layer > 0 || neighbours.Length == 0 || 2 * kept.Count >= neighbours.Length;
        }

        return isLinked;
    }

    private static int Highest(GraphFile graph, bool[] linked)
    {
        int best = -1;
        for (int row = 0; row < linked.Length; row++)
        {
            if (linked[row] && (best < 0 || graph.Layers(row) > graph.Layers(best))) best = row;
        }

        return best;
    }
}
