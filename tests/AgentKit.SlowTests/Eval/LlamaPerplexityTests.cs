using System.Text;
using AgentKit.Eval.Perplexity;
using AgentKit.Models;
using AgentKit.Testing;
using Model = AgentKit.Models.LocalModel;

namespace AgentKit.SlowTests.Eval;

public class LlamaPerplexityTests
{
    private const string File = "wikitext-2/test.txt";
    private const int Bytes = 30_000;

    /// <summary>The number that llama-perplexity v0.5.0 gives for the shipped model and the first 30,000 bytes: <c>-c 256 -b 256</c>.</summary>
    [EvalDataFact(File)]
    public async Task ChunksAsync_WikiText_IsTheNumberOfLlamaPerplexity()
    {
        Assert.Null(ShippedModel.SkipReason);
        string text = Encoding.UTF8.GetString(System.IO.File.ReadAllBytes(EvalData.PathOf(File)!).AsSpan(0, Bytes));
        LocalModelOptions options = new() { ContextLength = 256, Parallel = 1, PromptCacheBytes = 0 };
        using Model model = Model.Open(ShippedModel.Path, options);
        PerplexityResult result = await new PerplexityEvaluator(model, new() { ContextLength = 256 }).ChunksAsync(text);
        Assert.Equal(2390.1350, result.Perplexity, 1e-4 * 2390.1350);
        Assert.Equal(144.06984, result.StandardError, 1e-3 * 144.06984);
    }
}
