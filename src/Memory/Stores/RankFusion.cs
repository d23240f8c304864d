namespace AgentKit.Memory.Stores;

/// <summary>Makes one ranking of several: Cormack et al. 2009, <i>Reciprocal Rank Fusion</i>, with weights.</summary>
internal static class RankFusion
{
    /// <param name="k">The k of weight / (k + rank), ranks from 1.</param>
    /// <param name="rankings">Each best first; a weight of 0 leaves one out.</param>
    /// <returns>Best first; equal scores by key.</returns>
    public static IEnumerable<VectorSearchResult> Fuse(int k, params (IReadOnlyList<VectorSearchResult> Ranking, double Weight)[] rankings)
    {
        var fused = new Dictionary<string, VectorSearchResult>(StringComparer.Ordinal);
        foreach ((IReadOnlyList<VectorSearchResult> ranking, double weight) in rankings.Where(one => one.Weight > 0))
        {
            foreach ((int i, VectorSearchResult result) in ranking.Index())
            {
                double before = fused.TryGetValue(result.Record.Key, out VectorSearchResult? known) ? known.Score : 0;
                fused[result.Record.Key] = result with { Score = before + (weight / (k + i + 1)) };
            }
        }

        return fused.Values.OrderByDescending(result => result.Score).ThenBy(result => result.Record.Key, StringComparer.Ordinal);
    }
}
