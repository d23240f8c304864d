using System.Diagnostics;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Tests.Support;

namespace AgentKit.Bench;

/// <summary>A thousand generated schemas answered by models with random weights, each answer checked by an independent validator.</summary>
internal static class SchemasBenchmark
{
    private const int Schemas = 1_000;

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("vocabulary", "schemas", "finished", "of them closed at the token limit", "limit below any value", "schema without value", "invalid", "tokens", "seconds");
        foreach (int vocabulary in (int[])[32_000, 152_000])
        {
            using LocalModel model = LocalModel.Open(BenchModel.Create(vocabulary, GgmlType.Q8_0), new() { Parallel = 16, ContextLength = 512 });
            long start = Stopwatch.GetTimestamp();
            SchemaRun run = await SchemaRun.RunAsync(model, Enumerable.Range(0, Schemas));
            BenchReport.PrintRow($"{vocabulary:N0}", Schemas, run.Finished, run.ClosedEarly, run.Cut, run.Impossible, run.Invalid.Count, $"{run.Tokens:N0}",
                $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0}");
            foreach (string invalid in run.Invalid)
            {
                Console.Error.WriteLine(invalid);
            }
        }
    }
}
