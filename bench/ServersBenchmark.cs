using System.Diagnostics;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>
/// Concurrent chats against llama-server with the same model, threads and prompts. All sides take turns within a round. The servers are child
/// processes and answer over loopback HTTP, without streaming; this side answers in process. The server's path is in the variable LLAMA_SERVER; it
/// runs once with a fixed share of the context for every chat, and once with one pool of KV cells for all, as LocalModel has it.
/// </summary>
internal static class ServersBenchmark
{
    public const int Tokens = 128;
    private const int Context = 512;
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        string server = Environment.GetEnvironmentVariable("LLAMA_SERVER") is { Length: > 0 } path && File.Exists(path)
            ? path
            : throw new InvalidOperationException("Set LLAMA_SERVER to a llama-server of v0.5.0; build it from llama.cpp's source.");
        BenchReport.PrintHeader("vocabulary", "weights", "threads", "chats at once", "llama-server, tokens/s", "llama-server --kv-unified, tokens/s", "LocalModel, tokens/s",
            "ratio to the first", "ratio to the second (medians of rounds)");
        foreach ((int vocabulary, GgmlType type) in ((int, GgmlType)[])[(32_000, GgmlType.F16), (32_000, GgmlType.Q8_0), (152_000, GgmlType.F16)])
        {
            foreach (int chats in (int[])[8, 32])
            {
                await RunAsync(server, vocabulary, type, CpuQuota.UsableCpus, chats);
            }
        }
    }

    private static async Task RunAsync(string server, int vocabulary, GgmlType type, int threads, int chats)
    {
        string model = BenchModel.Create(vocabulary, type);
        using LocalModel local = LocalModel.Open(model, new() { Parallel = chats, ContextLength = Context, Threads = threads });
        await using LlamaServer split = await LlamaServer.StartAsync(server, model, threads, chats, chats * Context);
        await using LlamaServer unified = await LlamaServer.StartAsync(server, model, threads, chats, chats * Context, "--kv-unified");
        List<(double Split, double Unified, double Local)> rounds = [];
        for (int round = -1; round < Rounds; round++)
        {
            (double, double, double) speeds = (await MeasureAsync(chats, round, split.AskAsync), await MeasureAsync(chats, round, unified.AskAsync),
                await MeasureAsync(chats, round, prompt => AskLocalAsync(local, prompt)));
            if (round >= 0)
            {
                rounds.Add(speeds);
            }
        }

        BenchReport.PrintRow($"{vocabulary:N0}", type, threads, chats, $"{BenchReport.Median(rounds.Select(r => r.Split)):N0}",
            $"{BenchReport.Median(rounds.Select(r => r.Unified)):N0}", $"{BenchReport.Median(rounds.Select(r => r.Local)):N0}",
            $"{BenchReport.Median(rounds.Select(r => r.Local / r.Split)):0.00}", $"{BenchReport.Median(rounds.Select(r => r.Local / r.Unified)):0.00}");
    }

    private static async Task<double> MeasureAsync(int chats, int round, Func<string, Task<long>> ask)
    {
        long start = Stopwatch.GetTimestamp();
        long[] tokens = await Task.WhenAll(Enumerable.Range(0, chats).Select(chat => ask($"Story number {(round * 1000) + (chat * 37)}, please.")));
        return tokens.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> AskLocalAsync(LocalModel model, string prompt)
    {
        ChatResponse response = await model.GetResponseAsync(prompt, new() { Temperature = 0, MaxOutputTokens = Tokens });
        return response.Usage!.OutputTokenCount!.Value;
    }
}
