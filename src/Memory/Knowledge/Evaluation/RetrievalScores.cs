namespace AgentKit.Memory.Knowledge.Evaluation;

/// <summary>Means over the queries of a collection.</summary>
/// <param name="Ndcg10">Normalized discounted cumulative gain of the first 10 documents.</param>
/// <param name="Recall100">Share of the relevant documents among the first 100.</param>
/// <param name="Mrr10">Reciprocal rank of the first relevant document among the first 10, 0 where there is none.</param>
/// <param name="Queries">Number of queries.</param>
public sealed record RetrievalScores(double Ndcg10, double Recall100, double Mrr10, int Queries)
{
    private const int Top = 10;
    private const int Depth = 100;

    /// <summary>
    /// Scores rankings. nDCG: Järvelin and Kekäläinen 2002 with the gain itself in the numerator and log2(rank + 1) below, as trec_eval; relevant
    /// is what has a judgement above 0; queries without a relevant document count as trec_eval counts them, not at all.
    /// </summary>
    /// <param name="rankings">By query, the ids of documents, best first, each once.</param>
    /// <param name="judgements">By query, the relevance of documents.</param>
    public static RetrievalScores Of(
        IReadOnlyDictionary<string, IReadOnlyList<string>> rankings, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> judgements)
    {
        ArgumentNullException.ThrowIfNull(rankings);
        ArgumentNullException.ThrowIfNull(judgements);
        (double ndcg, double recall, double mrr, int count) = (0, 0, 0, 0);
        foreach ((string query, IReadOnlyList<string> ranking) in rankings)
        {
            if (!judgements.TryGetValue(query, out IReadOnlyDictionary<string, int>? relevance)) continue;
            int[] ideal = [.. relevance.Values.Where(gain => gain > 0).OrderDescending()];
            if (ideal.Length == 0) continue;
            count++;
            int[] gains = [.. ranking.Take(Depth).Select(id => Math.Max(0, relevance.GetValueOrDefault(id)))];
            ndcg += Dcg(gains) / Dcg(ideal);
            recall += (double)gains.Count(gain => gain > 0) / ideal.Length;
            int first = Array.FindIndex(gains, gain => gain > 0);
            mrr += first is >= 0 and < Top ? 1.0 / (first + 1) : 0;
        }

        return count == 0 ? new RetrievalScores(0, 0, 0, 0) : new RetrievalScores(ndcg / count, recall / count, mrr / count, count);
    }

    private static double Dcg(int[] gains) => gains.Take(Top).Select((gain, i) => gain / Math.Log2(i + 2)).Sum();
}
