using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace AgentKit.Bench;

/// <summary>A llama-server child process.</summary>
internal sealed class LlamaServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private LlamaServer(Process process, int port)
    {
        _process = process;
        _http = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(5) };
    }

    public static async Task<LlamaServer> StartAsync(string server, string model, int threads, int chats, int context, params IEnumerable<string> more)
    {
        int port = FreePort();
        ProcessStartInfo start = new(server, ["-m", model, "-t", $"{threads}", "-tb", $"{threads}", "-np", $"{chats}", "-c", $"{context}",
            "--host", "127.0.0.1", "--port", $"{port}", "--log-disable", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LD_LIBRARY_PATH"] = Path.GetDirectoryName(server);
        Process child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        LlamaServer started = new(child, port);
        await started.ReadyAsync();
        return started;
    }

    /// <summary>Answers a prompt greedily and returns how many tokens it generated.</summary>
    public async Task<long> AskAsync(string prompt)
    {
        using HttpResponseMessage reply = await _http.PostAsJsonAsync("/v1/chat/completions", new
        {
            messages = new[] { new { role = "user", content = prompt } },
            temperature = 0,
            max_tokens = ServersBenchmark.Tokens,
        });
        reply.EnsureSuccessStatusCode();
        JsonElement body = await reply.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("usage").GetProperty("completion_tokens").GetInt64();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadyAsync()
    {
        while (!_process.HasExited)
        {
            try
            {
                if ((await _http.GetAsync("/health")).StatusCode == HttpStatusCode.OK)
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

        throw new InvalidOperationException($"llama-server ended with {_process.ExitCode}.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
