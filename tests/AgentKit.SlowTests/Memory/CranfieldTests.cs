using System.Text.Json;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Memory;

/// <summary>Fusing rankings must not cost what the better of them finds.</summary>
public class CranfieldTests
{
    private const double Tolerance = 0.01;

    [EvalDataFact("cranfield/corpus.jsonl")]
    public async Task Eval_Hybrid_IsNotBelowTheBetterOfItsParts()
    {
        double keyword = await NdcgAsync("keyword");
        double dense = await NdcgAsync("dense");
        Assert.True(await NdcgAsync("hybrid") >= Math.Max(keyword, dense) - Tolerance);
    }

    private static async Task<double> NdcgAsync(string mode)
    {
        CliRun run = await CliRun.OfAsync("index", "eval", EvalData.PathOf("cranfield")!, "--mode", mode, "--embedder", "lexical", "--json", "--quiet");
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonElement.Parse(run.Out).GetProperty("ndcg@10").GetDouble();
    }
}
