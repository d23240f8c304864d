using System.Diagnostics;
using System.Text;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Bench;

/// <summary>
/// Tool calls over HTTP on loopback, 16 connections at once, beside the npm SDK's own server. Both are child processes, offer the same tool and
/// take turns within a round; the load comes from this process and takes its share of the machine from both alike.
/// </summary>
internal static class McpHttpBenchmark
{
    private const int Connections = 16;
    private const int Rounds = 3;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    public static async Task RunAsync()
    {
        string host = Repository.PathOf("artifacts", "bin", "AgentKit.McpConformanceHost", "release", "AgentKit.McpConformanceHost.dll");
        using Process ours = Start(new ProcessStartInfo("dotnet", [host, "http"]) { RedirectStandardInput = true, RedirectStandardOutput = true });
        using Process theirs = Start(NpmTools.Command(NpmTools.Script("bench-server.mjs")));
        Uri ourUrl = new((await ours.StandardOutput.ReadLineAsync())!);
        Uri theirUrl = new((await theirs.StandardOutput.ReadLineAsync())!);
        (string Name, Uri Url, bool Modern)[] sides =
        [
            ("AgentKit, 2025-11-25 with a session", ourUrl, false),
            ("AgentKit, 2026-07-28", ourUrl, true),
            ("@modelcontextprotocol/sdk 1.32.2, 2025-11-25 with a session", theirUrl, false),
        ];
        var rates = sides.ToDictionary(side => side.Name, _ => new List<double>());
        var times = sides.ToDictionary(side => side.Name, _ => new List<double>());
        for (int round = -1; round < Rounds; round++)
        {
            foreach ((string name, Uri url, bool modern) in sides)
            {
                (double rate, List<double> milliseconds) = await LoadAsync(url, modern, round < 0 ? TimeSpan.FromSeconds(2) : Turn);
                if (round < 0) continue;
                rates[name].Add(rate);
                times[name].AddRange(milliseconds);
            }
        }

        BenchReport.PrintHeader("server", "calls/s (median of rounds)", "p50, ms", "p99, ms", "ratio to the npm SDK");
        double baseline = BenchReport.Median(rates[sides[^1].Name]);
        foreach ((string name, _, _) in sides)
        {
            double[] sorted = [.. times[name].Order()];
            double rate = BenchReport.Median(rates[name]);
            BenchReport.PrintRow(name, $"{rate:N0}", $"{sorted[sorted.Length / 2]:0.00}", $"{sorted[(int)(sorted.Length * 0.99)]:0.00}", $"{rate / baseline:0.00}");
        }

        foreach (Process process in (Process[])[ours, theirs]) process.StandardInput.Close();
        ours.WaitForExit(TimeSpan.FromSeconds(10));
        theirs.WaitForExit(TimeSpan.FromSeconds(10));
    }

    private static Process Start(ProcessStartInfo start) => Process.Start(start)!;

    private static async Task<(double Rate, List<double> Milliseconds)> LoadAsync(Uri url, bool modern, TimeSpan turn)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections });
        string[] sessions = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => modern ? Task.FromResult("") : BeginAsync(client, url)));
        long start = Stopwatch.GetTimestamp();
        List<double>[] all = await Task.WhenAll(sessions.Select(async session =>
        {
            var milliseconds = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < turn)
            {
                long begun = Stopwatch.GetTimestamp();
                using HttpResponseMessage response = await client.SendAsync(Call(url, session));
                string body = await response.Content.ReadAsStringAsync();
                if (!body.Contains("Hello, bench!", StringComparison.Ordinal)) throw new InvalidOperationException(body);
                milliseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }

            return milliseconds;
        }));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (all.Sum(one => one.Count) / seconds, [.. all.SelectMany(one => one)]);
    }

    private static async Task<string> BeginAsync(HttpClient client, Uri url)
    {
        using HttpResponseMessage response = await client.SendAsync(Post(url, """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
            """));
        string session = response.Headers.GetValues("Mcp-Session-Id").Single();
        await response.Content.ReadAsStringAsync();
        HttpRequestMessage ready = Post(url, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        ready.Headers.Add("Mcp-Session-Id", session);
        using HttpResponseMessage accepted = await client.SendAsync(ready);
        return session;
    }

    private static HttpRequestMessage Call(Uri url, string session)
    {
        const string inSession = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"bench"}}}""";
        const string alone =
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"bench"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";
        HttpRequestMessage request = Post(url, session.Length > 0 ? inSession : alone);
        if (session.Length > 0)
        {
            request.Headers.Add("Mcp-Session-Id", session);
            request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
            return request;
        }

        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "greet");
        return request;
    }

    private static HttpRequestMessage Post(Uri url, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        return request;
    }
}
