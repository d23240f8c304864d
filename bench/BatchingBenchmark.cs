using System.Diagnostics;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>Aggregate throughput of concurrent <see cref="IChatClient"/> requests against one at a time, and whether their greedy text is the same.</summary>
internal static class BatchingBenchmark
{
    private const int Tokens = 128;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("vocabulary", "weights", "requests", "one at a time, tokens/s", "together, tokens/s", "ratio (median of rounds)", "same text");
        foreach ((int vocabulary, GgmlType type) in ((int, GgmlType)[])[(32_000, GgmlType.F16), (32_000, GgmlType.F32), (32_000, GgmlType.Q8_0), (152_000, GgmlType.Q8_0)])
        {
            using LocalModel model = LocalModel.Open(BenchModel.Create(vocabulary, type), new() { Parallel = 8, ContextLength = 1024 });
            await RoundAsync(model, 8);
            List<(double Single, double Together, bool Same)> rounds = [];
            for (int round = 0; round < Rounds; round++)
            {
                rounds.Add(await RoundAsync(model, 8));
            }

            BenchReport.PrintRow($"{vocabulary:N0}", type, 8, $"{BenchReport.Median(rounds.Select(r => r.Single)):N0}",
                $"{BenchReport.Median(rounds.Select(r => r.Together)):N0}",
                $"{BenchReport.Median(rounds.Select(r => r.Together / r.Single)):0.00}", rounds.All(r => r.Same) ? "yes" : "no");
        }
    }

    private static async Task<(double Single, double Together, bool Same)> RoundAsync(LocalModel model, int requests)
    {
        List<(string Text, long Tokens)> alone = [];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < requests; i++)
        {
            alone.Add(await AskAsync(model, i));
        }

        double single = alone.Sum(a => a.Tokens) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        (string Text, long Tokens)[] together = await Task.WhenAll(Enumerable.Range(0, requests).Select(i => AskAsync(model, i)));
        double aggregate = together.Sum(a => a.Tokens) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (single, aggregate, alone.SequenceEqual(together));
    }

    private static async Task<(string Text, long Tokens)> AskAsync(LocalModel model, int request)
    {
        ChatResponse response = await model.GetResponseAsync(
            $"Story number {request * 37}, please.", new() { Temperature = 0, MaxOutputTokens = Tokens });
        return (response.Text, response.Usage?.OutputTokenCount ?? 0);
    }
}
