using AgentKit.Eval;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public class RetrievalTaskTests
{
    [EvalDataFact("cranfield/corpus.jsonl")]
    public async Task RunAsync_ByKeywordOnCranfield_IsNoWorseThanPlainBm25()
    {
        using var folder = new ScratchFolder();
        EvalResult result = await new EvalRun(new ScriptedSubject())
            .RunAsync([TaskCatalog.Find("retrieval_bm25")], TaskData.Directory(EvalData.PathOf(".")!), folder["run"]);
        double[] values = [.. result.Tasks[0].Metrics.Select(metric => metric.Value)];
        // BM25 over words as they are, without stems, gives these on this collection.
        Assert.InRange(values[0], 0.50204, 1);
        Assert.InRange(values[1], 0.72391, 1);
        Assert.InRange(values[2], 0.78030, 1);
    }
}
