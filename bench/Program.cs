using AgentKit.Bench;

Dictionary<string, Func<Task>> benchmarks = new()
{
    ["decode"] = DecodeBenchmark.RunAsync,
    ["batching"] = BatchingBenchmark.RunAsync,
    ["prefix"] = PrefixBenchmark.RunAsync,
    ["speculation"] = SpeculationBenchmark.RunAsync,
    ["servers"] = ServersBenchmark.RunAsync,
    ["constrained"] = ConstrainedBenchmark.RunAsync,
    ["schemas"] = SchemasBenchmark.RunAsync,
};

if (args is [var name] && benchmarks.TryGetValue(name, out Func<Task>? run))
{
    BenchReport.PrintMachine();
    await run();
    return 0;
}

Console.Error.WriteLine($"usage: dotnet run -c Release --project bench -- {string.Join('|', benchmarks.Keys)}");
return 2;
