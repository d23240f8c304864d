using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AgentKit.SlowTests.Server;

/// <summary>Messages that nobody should send, in numbers, at the real program.</summary>
public class AttackTests
{
    private const int Messages = 10_000;

    private const string Modern =
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"a"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    [Fact]
    public async Task Http_MutatedMessages_AreRefusedAndTheServerLives()
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var random = new Random(7);
        var faults = new List<string>();
        for (int i = 0; i < Messages; i++)
        {
            string message = Mutation.Of(random, random.Next(3) == 0 ? Initialize : Modern);
            HttpRequestMessage request = Post(server.Url, message);
            if (random.Next(4) > 0) request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", "2026-07-28");
            if (random.Next(4) > 0) request.Headers.TryAddWithoutValidation("Mcp-Method", "tools/call");
            if (random.Next(4) > 0) request.Headers.TryAddWithoutValidation("Mcp-Name", "greet");
            using HttpResponseMessage response = await client.SendAsync(request);
            if ((int)response.StatusCode >= 500) faults.Add($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}: {message}");
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
        Assert.Equal("Hello, a!", await GreetAsync(client, server.Url));
    }

    [Fact]
    public async Task Stdio_MutatedMessages_AreRefusedAndTheServerLives()
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [ConformanceServer.Program, "stdio"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        _ = process.StandardError.ReadToEndAsync();
        var random = new Random(8);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++) await process.StandardInput.WriteLineAsync(Mutation.Of(random, random.Next(3) == 0 ? Initialize : Modern));
            await process.StandardInput.WriteLineAsync(Modern.Replace("\"id\":1", "\"id\":\"the last\"", StringComparison.Ordinal));
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        string? last = null;
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            // Everything on standard output is a message, whatever came in.
            using JsonDocument message = JsonDocument.Parse(line);
            last = line;
            if (line.Contains("the last", StringComparison.Ordinal)) break;
        }

        await writing;
        Assert.Contains("Hello, a!", last, StringComparison.Ordinal);
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Sessions_OpenedAndDropped_LeaveNoMemoryBehind()
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();
        using var client = new HttpClient();
        await OpenAndEndAsync(client, server.Url, 1_000);
        long before = Memory(server.Process);

        await OpenAndEndAsync(client, server.Url, 10_000);

        long after = Memory(server.Process);
        Assert.True(after - before < 64 << 20, $"{before >> 20} MiB before, {after >> 20} MiB after 10,000 sessions");
        Assert.Equal("Hello, a!", await GreetAsync(client, server.Url));
    }

    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Http_RequestOfAForeignPage_IsRefused(string header, string value, HttpStatusCode expected)
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();
        using var client = new HttpClient();
        HttpRequestMessage request = Post(server.Url, Modern);
        request.Headers.TryAddWithoutValidation(header, value);

        Assert.Equal(expected, (await client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Http_BodyWithoutEnd_IsCutOff()
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();
        using var client = new HttpClient();
        var request = new HttpRequestMessage(HttpMethod.Post, server.Url) { Content = new ByteArrayContent(new byte[64 << 20]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.SendAsync(request)).StatusCode);
        Assert.Equal("Hello, a!", await GreetAsync(client, server.Url));
    }

    private static async Task OpenAndEndAsync(HttpClient client, Uri url, int count)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, stop) =>
        {
            using HttpResponseMessage begun = await client.SendAsync(Post(url, Initialize), stop);
            begun.EnsureSuccessStatusCode();
            var end = new HttpRequestMessage(HttpMethod.Delete, url);
            end.Headers.Add("Mcp-Session-Id", begun.Headers.GetValues("Mcp-Session-Id"));
            using HttpResponseMessage ended = await client.SendAsync(end, stop);
            ended.EnsureSuccessStatusCode();
        });
    }

    private static async Task<string?> GreetAsync(HttpClient client, Uri url)
    {
        HttpRequestMessage request = Post(url, Modern);
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "greet");
        using HttpResponseMessage response = await client.SendAsync(request);
        string data = (await response.Content.ReadAsStringAsync()).Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..];
        return JsonElement.Parse(data).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString();
    }

    private static HttpRequestMessage Post(Uri url, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        return request;
    }

    private static long Memory(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }
}
