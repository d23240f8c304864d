using AgentKit.Bench;
using AgentKit.Bench.Learning;
using AgentKit.Tests.Support;

// The crash benchmark starts this program anew in order to kill it.
if (args is [CrashProgram.Command, var folder])
{
    await CrashProgram.MainAsync(folder);
    return 0;
}

// Each side of the training benchmark has a process of its own, so that its memory can be told.
if (args is [TrainingBenchmark.SideCommand, var mode])
{
    TrainingBenchmark.RunSide(mode);
    return 0;
}

Dictionary<string, Func<Task>> benchmarks = new()
{
    ["decode"] = DecodeBenchmark.RunAsync,
    ["batching"] = BatchingBenchmark.RunAsync,
    ["prefix"] = PrefixBenchmark.RunAsync,
    ["speculation"] = SpeculationBenchmark.RunAsync,
    ["steps"] = StepsBenchmark.RunAsync,
    ["servers"] = ServersBenchmark.RunAsync,
    ["constrained"] = ConstrainedBenchmark.RunAsync,
    ["schemas"] = SchemasBenchmark.RunAsync,
    ["actors"] = ActorBenchmark.RunAsync,
    ["durable"] = DurableBenchmark.RunAsync,
    ["ingest"] = IngestBenchmark.RunAsync,
    ["vectors"] = VectorBenchmark.RunAsync,
    ["perplexity"] = PerplexityBenchmark.RunAsync,
    ["score"] = ScoreBenchmark.RunAsync,
    ["mcp-http"] = McpHttpBenchmark.RunAsync,
    ["mcp-start"] = McpStartBenchmark.RunAsync,
    ["kills"] = CrashBenchmark.RunAsync,
    ["training-gpu"] = GpuTrainingBenchmark.RunAsync,
    ["training"] = TrainingBenchmark.RunAsync,
    ["training-products"] = () => Task.Run(ProductsBenchmark.Run),
    ["training-attention"] = AttentionBenchmark.RunAsync,
    ["learning"] = LearningBenchmark.RunAsync,
    ["learning-ppo"] = PpoLearningBenchmark.RunAsync,
    ["learning-distill"] = DistillLearningBenchmark.RunAsync,
    ["compression"] = CompressionBenchmark.RunAsync,
};

if (args is [var name] && benchmarks.TryGetValue(name, out Func<Task>? run))
{
    BenchReport.PrintMachine();
    await run();
    return 0;
}

Console.Error.WriteLine($"usage: dotnet run -c Release --project bench -- {string.Join('|', benchmarks.Keys)}");
return 2;
