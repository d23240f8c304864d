namespace AgentKit.Eval.Retrieval;

/// <summary>How good an order of documents is.</summary>
public static class RankingMetrics
{
    /// <summary>Normalized discounted cumulative gain with linear gain (Järvelin and Kekäläinen 2002): Σ gain / log₂(rank + 1), over that of the best order.</summary>
    /// <param name="ranking">Document ids, best first.</param>
    /// <param name="gains">The gain of each relevant document.</param>
    /// <param name="depth">How many ranks count.</param>
    public static double Ndcg(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> gains, int depth)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(gains);
        double ideal = Discounted(gains.Values.OrderDescending().Take(depth));
        return ideal > 0 ? Discounted(ranking.Take(depth).Select(id => gains.GetValueOrDefault(id))) / ideal : 0;
    }

    /// <summary>The share of relevant documents that the first ranks hold.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public static double Recall(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> gains, int depth)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(gains);
        int relevant = gains.Values.Count(gain => gain > 0);
        return relevant > 0 ? ranking.Take(depth).Count(id => gains.GetValueOrDefault(id) > 0) / (double)relevant : 0;
    }

    /// <summary>One over the rank of the first relevant document; 0 when the first ranks hold none.</summary>
    /// <inheritdoc cref="Ndcg"/>
    public static double ReciprocalRank(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, double> gains, int depth)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(gains);
        for (int i = 0; i < Math.Min(depth, ranking.Count); i++)
        {
            if (gains.GetValueOrDefault(ranking[i]) > 0) return 1.0 / (i + 1);
        }

        return 0;
    }

    private static double Discounted(IEnumerable<double> gains) => gains.Select((gain, i) => gain / Math.Log2(i + 2)).Sum();
}
