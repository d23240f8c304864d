using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tests.Tools.Mcp.Hub;

/// <summary>A server that answers with anything.</summary>
public class MutatedReplyTests
{
    private const int Replies = 10_000;

    [Fact]
    public async Task Call_TenThousandMutatedReplies_EachEndsAndTheConnectionLives()
    {
        (Pipe toServer, Pipe toClient) = (new Pipe(), new Pipe());
        var random = new Random(20261122);
        Task serving = Serve(toServer.Reader.AsStream(), toClient.Writer.AsStream(), random);
        var transport = new StreamClientTransport(toServer.Writer.AsStream(), new BoundedLines(toClient.Reader.AsStream()), NullLoggerFactory.Instance);
        var connection = await McpToolConnection.ConnectAsync(
            McpServerSpec.Parse("mutating"),
            new TrackingTransport(transport),
            new ErrorTail(NullLogger.Instance, "mutating"),
            new ConnectionSettings { ProtocolVersion = "2025-06-18" },
            CancellationToken.None);
        int answered = 0, refused = 0;

        for (int i = 0; i < Replies; i++)
        {
            try
            {
                await connection.CallAsync("echo", JsonElement.Parse("{}"), CancellationToken.None);
                answered++;
            }
            catch (ToolException)
            {
                refused++;
            }
        }

        Assert.Equal(Replies, answered + refused);
        Assert.False(connection.Closed.IsCompleted);
        Assert.InRange(refused, 1, Replies / 2); // most damage makes a message that is no reply to the call
        await connection.DisposeAsync();
        await toServer.Writer.CompleteAsync();
        await serving;
    }

    /// <summary>Answers the handshake as it should, and every call with a damaged reply followed by the right one.</summary>
    private static async Task Serve(Stream input, Stream output, Random random)
    {
        using var reader = new StreamReader(input);
        while (await reader.ReadLineAsync() is { } line)
        {
            JsonElement request = JsonElement.Parse(line);
            if (!request.TryGetProperty("id", out JsonElement id) || !request.TryGetProperty("method", out JsonElement method)) continue;
            string result = method.GetString() switch
            {
                "initialize" => """{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"m","version":"1"}}""",
                "tools/list" => """{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}""",
                _ => """{"content":[{"type":"text","text":"right"},{"type":"image","data":"AAAA","mimeType":"image/png"}],"structuredContent":{"a":1},"isError":false}""",
            };
            string reply = $$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"result":{{result}}}""";
            if (method.GetString() == "tools/call")
            {
                await output.WriteAsync(ReplyMutator.Mutate(reply, random));
                await output.WriteAsync("\n"u8.ToArray());
            }

            await output.WriteAsync(Encoding.UTF8.GetBytes(reply + "\n"));
            await output.FlushAsync();
        }
    }

    [Fact]
    public async Task BoundedLines_LineWithoutEnd_IsRefusedBeforeItFillsTheMemory()
    {
        var endless = new BoundedLines(new MemoryStream(new byte[5000]), longest: 4000);

        await Assert.ThrowsAsync<IOException>(() => endless.CopyToAsync(Stream.Null));
    }

    [Theory]
    [InlineData("data: x\n", "EmptyLine", false)]
    [InlineData("data: x\n\n", "EmptyLine", true)]
    [InlineData("data: x\r\n\r\n", "EmptyLine", true)]
    [InlineData("1,\n", "Stream", false)]
    [InlineData("1,\n", "Line", true)]
    public async Task BoundedLines_ByWhatEndsAMessage_CountsToIt(string piece, string end, bool passes)
    {
        byte[] all = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 1000)));
        var bounded = new BoundedLines(new MemoryStream(all), longest: 500, Enum.Parse<BoundedLines.End>(end));

        Exception? failure = await Record.ExceptionAsync(async () =>
        {
            var buffer = new byte[100];
            while (await bounded.ReadAsync(buffer) > 0)
            {
            }
        });

        Assert.Equal(passes, failure is null);
    }

    [Fact]
    public async Task BoundedLines_ShortLines_PassInAnyNumber()
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 999) + "\n", 100)));
        var copy = new MemoryStream();

        await new BoundedLines(new MemoryStream(lines), longest: 1000).CopyToAsync(copy);

        Assert.Equal(lines, copy.ToArray());
    }
}
