using AgentKit.Eval.Perplexity;
using AgentKit.Models;
using AgentKit.Models.Pruning;
using AgentKit.Models.Quantization;
using AgentKit.Testing;

namespace AgentKit.Bench;

/// <summary>
/// What compression costs the shipped model: quantized with and without an importance matrix, pruned by magnitude and by WANDA. Each copy is compared with
/// the model it was made from on conversations that the calibration did not contain. Nothing is timed.
/// </summary>
internal static class CompressionBenchmark
{
    private const int Context = 512, CalibrationChats = 100, HeldOutChats = 40;

    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf");
    private static readonly string Calibration = ToolChats.Create(seed: 1, CalibrationChats), HeldOut = ToolChats.Create(seed: 2, HeldOutChats);
    private static readonly ImportanceOptions Reading = new() { ChunkLength = Context, ParseSpecial = true, Overwrite = true, Dataset = "tool chats, seed 1", Threads = 1 };

    public static async Task RunAsync()
    {
        using var folder = new BenchFolder();
        Directory.CreateDirectory(folder.Root);
        string copy = Path.Combine(folder.Root, "copy.gguf");
        ImportanceResult imatrix = await ImportanceCollector.CollectAsync(Model, Calibration, Path.Combine(folder.Root, "imatrix.gguf"), Reading);
        Console.WriteLine($"- calibration: {imatrix.Matrix.Chunks} chunks of {Context} tokens, base: nano.gguf (Q8_0, {new FileInfo(Model).Length:N0} bytes)");
        Console.WriteLine();
        BenchReport.PrintHeader("copy", "KL divergence, nats/token", "same top token", "perplexity ratio", "bytes", "zeros");
        foreach (string type in (string[])["Q6_K", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_M", "IQ3_S", "Q2_K", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_S"])
        {
            foreach (bool weighed in (bool[])[false, true])
            {
                if (!weighed && ModelQuantizer.TypesNeedingImportance.Contains(type)) continue;
                QuantizeOptions options = new() { AllowRequantize = true, Overwrite = true, Importance = weighed ? imatrix.Matrix : null, Threads = 1 };
                await ModelQuantizer.QuantizeAsync(Model, copy, type, options);
                await CompareAsync(weighed ? $"{type}, importance matrix" : type, copy);
            }
        }

        foreach (PrunePattern pattern in (PrunePattern[])[PrunePattern.Unstructured(0.3), PrunePattern.Unstructured(0.5), PrunePattern.Grouped(4, 8), PrunePattern.Grouped(2, 4)])
        {
            PruneOptions options = new() { Pattern = pattern, Calibration = Reading, Overwrite = true };
            await PruneAsync("magnitude", copy, options with { Method = PruneMethod.Magnitude });
            await PruneAsync("WANDA, dense activations", copy, options with { Importance = imatrix.Matrix });
            await PruneAsync("WANDA, block by block", copy, options with { Text = Calibration });
        }
    }

    private static async Task PruneAsync(string name, string copy, PruneOptions options)
    {
        await ModelPruner.PruneAsync(Model, copy, options);
        string share = options.Pattern.Group == 0 ? $"{100 * options.Pattern.Sparsity:0} %" : options.Pattern.ToString();
        await CompareAsync($"{name}, {share}", copy);
    }

    private static async Task CompareAsync(string name, string copy)
    {
        LocalModelOptions options = new() { ContextLength = Context, Parallel = 1, Threads = 1, PromptCacheBytes = 0 };
        await using LocalModel model = LocalModel.Open(copy, options), dense = LocalModel.Open(Model, options);
        DivergenceResult result = await new DivergenceEvaluator(model, dense, parseSpecial: true).CompareAsync(HeldOut, Context);
        BenchReport.PrintRow(
            name, $"{result.Mean:0.00000} ± {result.StandardError:0.00000}", $"{100 * result.SameTop:0.00} %", $"{result.Perplexity / result.BasePerplexity:0.0000}",
            $"{new FileInfo(copy).Length:N0}", $"{100 * WeightSparsity.Measure(copy).Share:0.0} %");
    }
}
