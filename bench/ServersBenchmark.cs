using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>
/// Concurrent chats against llama-server with the same model, threads and prompts. Both sides take turns within a round. The server is a child
/// process and answers over loopback HTTP, without streaming; this side answers in process. Its path is in the variable LLAMA_SERVER.
/// </summary>
internal static class ServersBenchmark
{
    private const int Tokens = 128;
    private const int Context = 512;
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        string server = Environment.GetEnvironmentVariable("LLAMA_SERVER") is { Length: > 0 } path && File.Exists(path)
            ? path
            : throw new InvalidOperationException("Set LLAMA_SERVER to a llama-server of v0.5.0; build it from llama.cpp's source.");
        BenchReport.PrintHeader("vocabulary", "weights", "threads", "chats at once", "llama-server, tokens/s", "LocalModel, tokens/s", "ratio (median of rounds)");
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
        int port = FreePort();
        using Process child = Start(server, model, threads, chats, port);
        using HttpClient http = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(5) };
        try
        {
            await ReadyAsync(http, child);
            List<(double Server, double Local)> rounds = [];
            for (int round = -1; round < Rounds; round++)
            {
                (double, double) speeds = (await MeasureAsync(chats, round, prompt => AskServerAsync(http, prompt)), await MeasureAsync(chats, round, prompt => AskLocalAsync(local, prompt)));
                if (round >= 0)
                {
                    rounds.Add(speeds);
                }
            }

            BenchReport.PrintRow($"{vocabulary:N0}", type, threads, chats, $"{BenchReport.Median(rounds.Select(r => r.Server)):N0}",
                $"{BenchReport.Median(rounds.Select(r => r.Local)):N0}", $"{BenchReport.Median(rounds.Select(r => r.Local / r.Server)):0.00}");
        }
        finally
        {
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync();
        }
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

    private static async Task<long> AskServerAsync(HttpClient http, string prompt)
    {
        using HttpResponseMessage reply = await http.PostAsJsonAsync("/v1/chat/completions", new
        {
            messages = new[] { new { role = "user", content = prompt } },
            temperature = 0,
            max_tokens = Tokens,
        });
        reply.EnsureSuccessStatusCode();
        JsonElement body = await reply.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("usage").GetProperty("completion_tokens").GetInt64();
    }

    private static Process Start(string server, string model, int threads, int chats, int port)
    {
        ProcessStartInfo start = new(server, ["-m", model, "-t", $"{threads}", "-tb", $"{threads}", "-np", $"{chats}", "-c", $"{chats * Context}",
            "--host", "127.0.0.1", "--port", $"{port}", "--log-disable"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LD_LIBRARY_PATH"] = Path.GetDirectoryName(server);
        Process child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    private static async Task ReadyAsync(HttpClient http, Process child)
    {
        while (!child.HasExited)
        {
            try
            {
                if ((await http.GetAsync("/health")).StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        throw new InvalidOperationException($"llama-server ended with {child.ExitCode}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
