using System.Diagnostics;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Bench;

/// <summary>A training step on one long sample: attention as a whole, and in blocks of queries that fit into so many bytes.</summary>
internal static class AttentionBenchmark
{
    private const int Threads = 2, Steps = 3, Rank = 16;
    private const long Mebibyte = 1 << 20;

    private static readonly TestModelShape Shape = new()
    {
        Embedding = 256, Layers = 4, Heads = 8, KvHeads = 4, FeedForward = 704, Vocabulary = 2048, ContextLength = 4096,
    };

    public static Task RunAsync()
    {
        Console.WriteLine(
            $"Shape: {Shape.Layers} layers, width {Shape.Embedding}, {Shape.Heads} heads, feed-forward {Shape.FeedForward}, vocabulary {Shape.Vocabulary}; one sample a step, "
            + $"LoRA of rank {Rank} on all matrices, {Threads} threads, mean of {Steps} steps after one. Graphs: memory beside weights and the blocks' inputs.");
        Console.WriteLine();
        BenchReport.PrintHeader("tokens", "attention", "tokens/s", "graphs, MiB", "speed against the whole", "memory against the whole");
        string folder = Directory.CreateTempSubdirectory("agentkit-bench-attention-").FullName;
        try
        {
            string model = TestModel.Create(Path.Combine(folder, "model.gguf"), Shape);
            foreach (int tokens in (int[])[512, 1024, 2048, 4096]) Compare(model, tokens);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    private static void Compare(string model, int tokens)
    {
        (double rate, long bytes) = Measure(model, tokens, long.MaxValue);
        BenchReport.PrintRow(tokens, "whole", $"{rate:0}", $"{bytes / (double)Mebibyte:0}", "", "");
        foreach (long limit in (long[])[256, 64, 32, 16])
        {
            (double blockedRate, long blockedBytes) = Measure(model, tokens, limit * Mebibyte);
            BenchReport.PrintRow(
                tokens, $"within {limit} MiB", $"{blockedRate:0}", $"{blockedBytes / (double)Mebibyte:0}", $"{blockedRate / rate:0.00}", $"{(double)blockedBytes / bytes:0.00}");
        }
    }

    private static (double Rate, long Bytes) Measure(string model, int tokens, long attentionBytes)
    {
        using TrainingEngine engine = TrainingEngine.Open(model, new() { Rank = Rank }, options: new() { Threads = Threads, AttentionBytes = attentionBytes });
        var random = new Random(1);
        var pack = new Pack([new TrainingSample(1, [.. Enumerable.Range(0, tokens).Select(_ => random.Next(Shape.Vocabulary))], [0, .. Enumerable.Repeat(1.0, tokens - 1)])]);
        engine.Accumulate(pack, Objective);
        long begin = Stopwatch.GetTimestamp();
        for (int step = 0; step < Steps; step++) engine.Accumulate(pack, Objective);
        return (Steps * tokens / Stopwatch.GetElapsedTime(begin).TotalSeconds, engine.GraphBytes);
    }

    private static ObjectiveResult<double[]> Objective(Pack pack, double[] logProbabilities) => SftObjective.Compute(logProbabilities, pack.Weights);
}
