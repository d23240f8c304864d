using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Bench;

/// <summary>Whether training works on this machine's GPU, and how fast; bench/gpu/README.md explains the columns.</summary>
internal static class GpuTrainingBenchmark
{
    private const int Steps = 6, Warmup = 2, Batch = 16, Length = 512;

    public static Task RunAsync()
    {
        BenchReport.PrintHeader("model", "logits", "gradient norm, GPU / CPU", "refused", "tokens/s");
        foreach (GgmlType type in (GgmlType[])[GgmlType.F32, GgmlType.F16, GgmlType.Q8_0])
        {
            using var folder = new BenchFolder();
            TestModelShape shape = new()
            {
                Embedding = 1024, Layers = 8, Heads = 16, KvHeads = 8, FeedForward = 2816, Vocabulary = 4096, ContextLength = 1024, Type = type,
            };
            string model = TestModel.Create(folder["model.gguf"], shape);
            Measure(folder, model, type.ToString());
        }

        return Task.CompletedTask;
    }

    private static void Measure(BenchFolder folder, string model, string name)
    {
        try
        {
            using TrainingEngine engine = TrainingEngine.Open(model, options: new() { Gpu = true });
            double logits = EngineCheck.Difference(engine);
            double share = FirstNorm(folder["gpu"], engine);
            using TrainingEngine reference = TrainingEngine.Open(model);
            share /= FirstNorm(folder["cpu"], reference);
            BenchReport.PrintRow(name, $"{logits:0.0e0}", $"{share:0.0000}", 0, $"{Rate(folder["run"], engine):0}");
        }
        catch (NativeRuntimeException e)
        {
            BenchReport.PrintRow(name, "", "", e.Message, "");
        }
    }

    /// <summary>The length of the first step's gradient.</summary>
    private static double FirstNorm(string path, TrainingEngine engine) => Run(path, engine, Batches(1), 1)[0].GradientNorm;

    private static double Rate(string path, TrainingEngine engine) => Steps / Run(path, engine, Batches(2), Warmup + Steps).Skip(Warmup).Sum(step => 1 / step.TokensPerSecond);

    private static List<TrainingStep> Run(string path, TrainingEngine engine, Pack pack, int count)
    {
        using RunFolder folder = RunFolder.Open(path, new byte[32], resume: false);
        List<TrainingStep> steps = [];
        TrainingLoopOptions options = new() { Schedule = new(1e-4, count), CheckpointEvery = int.MaxValue };
        new TrainingLoop(engine, (_, _) => [pack], (packs, _) => SftBatch.Objective(packs), options, folder, TimeProvider.System).Run(steps.Add);
        return steps;
    }

    private static Pack Batches(int seed)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, Batch).Select(_ => new TrainingSample(
            1, [.. Enumerable.Range(0, Length).Select(_ => random.Next(4096))], [0, .. Enumerable.Repeat(1.0, Length - 1)]))]);
    }
}
