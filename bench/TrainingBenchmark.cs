using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Bench;

/// <summary>Training speed and memory beside eager PyTorch (Debian's <c>python3-torch</c>) on a model of the same shape and the same batch; each side in a process of its own.</summary>
internal static class TrainingBenchmark
{
    public const string SideCommand = "training-side";

    private const int Threads = 2, Steps = 6, Warmup = 2, Batch = 8, Length = 256, Rank = 16;

    private static readonly TestModelShape Shape = new()
    {
        Embedding = 256, Layers = 6, Heads = 8, KvHeads = 4, FeedForward = 704, Vocabulary = 2048, ContextLength = 1024,
    };

    public static async Task RunAsync()
    {
        Console.WriteLine(
            $"Shape: {Shape.Layers} layers, width {Shape.Embedding}, feed-forward {Shape.FeedForward}, vocabulary {Shape.Vocabulary}; {Batch} samples of {Length} tokens a step, "
            + $"{Threads} threads, mean of {Steps} steps after {Warmup}.");
        Console.WriteLine();
        BenchReport.PrintHeader("what", "side", "tokens/s", "peak memory, MiB", "speed ratio", "memory ratio");
        foreach (string mode in (string[])["lora", "full"])
        {
            Side ours = await MeasureAsync(Environment.ProcessPath!, [.. SelfArguments(), SideCommand, mode]);
            Print(mode, "AgentKit, F32", ours, null);
            foreach (string type in (string[])["float32", "bfloat16"])
            {
                int[] numbers = [Threads, Steps, Warmup, Batch, Length, Shape.Embedding, Shape.Layers, Shape.Heads, Shape.KvHeads, Shape.FeedForward, Shape.Vocabulary, Rank];
                string[] sizes = [.. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))];
                string script = Path.Combine("bench", "training", "reference.py");
                Side theirs = await MeasureAsync("python3", [script, mode, .. sizes, type]);
                Print(mode, $"PyTorch {theirs.Version}, {type}", theirs, ours);
            }
        }

        Console.WriteLine();
        Console.WriteLine("Ratios are AgentKit's figure divided by the row's.");
    }

    /// <summary>Our side, in a process of its own.</summary>
    public static void RunSide(string mode)
    {
        string folder = Directory.CreateTempSubdirectory("agentkit-bench-training-").FullName;
        try
        {
            string model = TestModel.Create(Path.Combine(folder, "model.gguf"), Shape);
            EngineOptions machine = new() { Threads = Threads };
            using TrainingEngine engine = mode == "full" ? TrainingEngine.OpenFull(model, machine) : TrainingEngine.Open(model, new() { Rank = Rank }, options: machine);
            using RunFolder run = RunFolder.Open(Path.Combine(folder, "run"), new byte[32], resume: false);
            var random = new Random(1);
            Pack pack = new([.. Enumerable.Range(0, Batch).Select(_ => Sample(random))]);
            var loop = new TrainingLoop(
                engine, (_, _) => [pack], (packs, _) => SftBatch.Objective(packs), new() { Schedule = new(1e-3, Warmup + Steps), CheckpointEvery = int.MaxValue }, run, TimeProvider.System);
            List<TrainingStep> steps = [];
            loop.Run(steps.Add);
            double rate = Steps / steps.Skip(Warmup).Sum(step => 1 / step.TokensPerSecond);
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(JsonSerializer.Serialize(new { tokens_per_second = rate, peak_bytes = self.PeakWorkingSet64, version = "" }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TrainingSample Sample(Random random) =>
        new(1, [.. Enumerable.Range(0, Length).Select(_ => random.Next(Shape.Vocabulary))], [0, .. Enumerable.Repeat(1.0, Length - 1)]);

    private static void Print(string mode, string side, Side measured, Side? ours) => BenchReport.PrintRow(
        mode == "lora" ? $"LoRA, rank {Rank}, all matrices" : "all weights", side, $"{measured.Rate:0}", $"{measured.Peak / 1048576.0:0}",
        ours is null ? "" : $"{ours.Rate / measured.Rate:0.00}", ours is null ? "" : $"{(double)ours.Peak / measured.Peak:0.00}");

    private static string[] SelfArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static async Task<Side> MeasureAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}; PyTorch comes with apt install python3-torch.");
        JsonElement result = JsonDocument.Parse(output).RootElement;
        return new(result.GetProperty("tokens_per_second").GetDouble(), result.GetProperty("peak_bytes").GetInt64(), result.GetProperty("version").GetString()!);
    }

    private sealed record Side(double Rate, long Peak, string Version);
}
