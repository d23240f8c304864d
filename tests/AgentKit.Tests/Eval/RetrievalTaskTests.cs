using AgentKit.Eval;
using AgentKit.Eval.Retrieval;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public class RetrievalTaskTests
{
    [EvalDataFact("cranfield/corpus.jsonl")]
    public async Task RunAsync_Bm25OnCranfield_GivesTheKnownNumbers()
    {
        using var folder = new ScratchFolder();
        EvalResult result = await new EvalRun(new ScriptedSubject()).RunAsync([TaskCatalog.Find("retrieval_bm25")], TaskData.Directory(EvalData.PathOf(".")!), folder["run"]);
        double[] values = [.. result.Tasks[0].Metrics.Select(metric => metric.Value)];
        Assert.Equal(0.50204, values[0], 4);
        Assert.Equal(0.72391, values[1], 4);
        Assert.Equal(0.78030, values[2], 4);
    }

    [Fact]
    public void Metrics_OfARanking_FollowTheirDefinitions()
    {
        Dictionary<string, double> gains = new() { ["a"] = 3, ["b"] = 1, ["c"] = 0 };
        Assert.Equal(1, RankingMetrics.Ndcg(["a", "b"], gains, 10), 12);
        Assert.Equal((1 / Math.Log2(2) + 3 / Math.Log2(4)) / (3 + 1 / Math.Log2(3)), RankingMetrics.Ndcg(["b", "x", "a"], gains, 10), 12);
        Assert.Equal(0.5, RankingMetrics.Recall(["c", "b"], gains, 2), 12);
        Assert.Equal(0.5, RankingMetrics.ReciprocalRank(["c", "b"], gains, 2), 12);
        Assert.Equal(0, RankingMetrics.ReciprocalRank(["c", "x", "a"], gains, 2), 12);
    }
}
