using AgentKit.Eval;
using AgentKit.Eval.Tasks;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public class RetrievalTaskTests
{
    [EvalDataFact("cranfield/corpus.jsonl")]
    public async Task RunAsync_Bm25OnCranfield_GivesTheKnownNumbers()
    {
        using var folder = new ScratchFolder();
        EvalResult result = await new EvalRun(new ScriptedSubject())
            .RunAsync([TaskCatalog.Find("retrieval_bm25")], TaskData.Directory(EvalData.PathOf(".")!), folder["run"]);
        double[] values = [.. result.Tasks[0].Metrics.Select(metric => metric.Value)];
        Assert.Equal(0.50204, values[0], 4);
        Assert.Equal(0.72391, values[1], 4);
        Assert.Equal(0.78030, values[2], 4);
    }
}
