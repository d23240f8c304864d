using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentKit.SlowTests.Cli;

public sealed class OtlpTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Run_WithACollector_SendsSpansAndMetrics()
    {
        using var collector = new HttpListener();
        string address = $"http://127.0.0.1:{FreePort()}";
        collector.Prefixes.Add($"{address}/");
        collector.Start();
        Task<Dictionary<string, string>> received = ReceiveAsync(collector);

        (int exitCode, string output, string error) = await _cli.RunAsync(null, "run", "What is 12 times 3?", "--otlp", address);

        Assert.Equal((0, "12 * 3 = 36."), (exitCode, output.Trim()));
        Assert.DoesNotContain("warning", error, StringComparison.Ordinal);
        Dictionary<string, string> bodies = await received;
        foreach (string text in new[] { "invoke_agent agentkit", "execute_tool calculator", "chat ", "gen_ai.usage.input_tokens" })
            Assert.Contains(text, bodies["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("gen_ai.client.token.usage", bodies["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CollectorIsNotThere_AnswersAndSaysSo()
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "run", "What is 12 times 3?", "--otlp", $"http://127.0.0.1:{FreePort()}");
        Assert.Equal((0, "12 * 3 = 36."), (exitCode, output.Trim()));
        Assert.Contains("warning: --otlp: not everything reached", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyCommand_AddressThatIsNone_ExitsWithTwo()
    {
        (int exitCode, _, string error) = await _cli.RunAsync(null, "runs", "list", "--otlp", "localhost:4318");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("error: --otlp is 'localhost:4318'", error, StringComparison.Ordinal);
    }

    /// <summary>Answers one post to each of the two paths and keeps their bodies.</summary>
    private static async Task<Dictionary<string, string>> ReceiveAsync(HttpListener collector)
    {
        var bodies = new Dictionary<string, string>();
        while (bodies.Count < 2)
        {
            HttpListenerContext request = await collector.GetContextAsync();
            using var reader = new StreamReader(request.Request.InputStream, Encoding.Latin1);
            string path = request.Request.Url!.AbsolutePath;
            bodies[path] = bodies.GetValueOrDefault(path, "") + await reader.ReadToEndAsync();
            request.Response.ContentType = "application/x-protobuf";
            request.Response.Close();
        }

        return bodies;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
