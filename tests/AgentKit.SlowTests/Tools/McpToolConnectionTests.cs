using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.SlowTests.Tools;

public sealed class McpToolConnectionTests : IDisposable
{
    private static readonly string Host = Path.Combine(AppContext.BaseDirectory, "AgentKit.ToolServerHost.dll");

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private McpServerSpec Server(string variables = "") =>
        McpServerSpec.Parse($"{variables} \"{Environment.ProcessPath}\" exec \"{Host}\" serve \"{_scratch.Path}\"");

    private static McpServerSpec Behaving(string mode, double seconds = 60) =>
        McpServerSpec.Parse($"dotnet exec \"{Host}\" {mode}", "--tools") with { ConnectTimeout = TimeSpan.FromSeconds(seconds) };

    private static Task<string> Call(McpToolConnection connection, string tool, string arguments = "{}") =>
        connection.CallAsync(tool, JsonElement.Parse(arguments));

    private static async Task<UserInputException> Fault(McpServerSpec spec) =>
        await Assert.ThrowsAsync<UserInputException>(() => McpToolConnection.ConnectAsync(spec));

    [Fact]
    public async Task Connect_ServerAsChild_ListsAndCallsInTheNewestRevision()
    {
        _scratch.Write("notes.txt", "The budget is 5.");
        await using var connection = await McpToolConnection.ConnectAsync(Server());

        Assert.Equal("2026-07-28", connection.ProtocolVersion);
        Assert.Equal("865", await Call(connection, "calculator", """{"expression":"347 + 518"}"""));
        Assert.Equal("notes.txt:1: The budget is 5.", await Call(connection, "search_files", """{"query":"budget"}"""));
        var listing = connection.Tools.Single(tool => tool.Name == "list_files");
        Assert.Equal("notes.txt", await listing.InvokeAsync(new AIFunctionArguments { ["path"] = "." }));
    }

    [Fact]
    public async Task Connect_ManyCallsAtOnce_EachGetsItsAnswer()
    {
        await using var connection = await McpToolConnection.ConnectAsync(Server());

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(i => Call(connection, "calculator", $$"""{"expression":"{{i}} * 1000"}""")));

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i * 1000}"), answers.Select(a => a.TrimStart()));
    }

    [Fact]
    public async Task Connect_Environment_HoldsOnlyWhatIsNeededAndNamed()
    {
        Environment.SetEnvironmentVariable("AGENTKIT_TEST_SECRET", "secret");
        await using var connection = await McpToolConnection.ConnectAsync(Server("GIVEN=yes"));

        var names = (await Call(connection, "variables")).Split(' ');

        Assert.Contains("GIVEN", names);
        Assert.Contains("PATH", names);
        Assert.DoesNotContain("AGENTKIT_TEST_SECRET", names);
    }

    [Fact]
    public async Task Call_ToolThatPrints_DoesNotDisturbTheProtocol()
    {
        using var log = new LineLoggers();
        await using var connection = await McpToolConnection.ConnectAsync(Server(), log);

        Assert.Equal("printed", await Call(connection, "print"));
        Assert.Equal("2", await Call(connection, "calculator", """{"expression":"1 + 1"}"""));
        Assert.Contains(log.Lines, line => line.EndsWith("the server is ready", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_ServerEndsMeanwhile_TellsTheModel()
    {
        await using var connection = await McpToolConnection.ConnectAsync(Server());

        var first = await Assert.ThrowsAsync<ToolException>(() => Call(connection, "exit"));
        var second = await Assert.ThrowsAsync<ToolException>(() => Call(connection, "clock"));

        Assert.Equal("the tool server 'agentkit' does not answer", first.Message);
        Assert.Equal("the tool server 'agentkit' does not answer", second.Message);
    }

    [Fact]
    public async Task Dispose_ServerWithChildren_EndsThemAll()
    {
        int[] ids;
        await using (var connection = await McpToolConnection.ConnectAsync(Server()))
        {
            ids = [.. (await Call(connection, "spawn")).Split(' ').Select(int.Parse)];
            Assert.All(ids, id => Assert.True(Processes.IsRunning(id)));
        }

        await Processes.EndOfAsync(ids);
    }

    [Fact]
    public async Task Connect_ProgramNotFound_NamesIt()
    {
        var fault = await Fault(McpServerSpec.Parse("agentkit-no-such-program --flag", "--tools"));

        Assert.Equal("--tools", fault.Field);
        Assert.StartsWith("--tools 'agentkit-no-such-program --flag': ", fault.Message);
        Assert.Contains("the program 'agentkit-no-such-program' cannot be started", fault.Message);
    }

    [Fact]
    public async Task Connect_ProgramThatEndsAtOnce_ShowsItsExitCodeAndWords()
    {
        var fault = await Fault(Behaving("crash"));

        Assert.Contains("ended with exit code 3", fault.Message);
        Assert.EndsWith("It wrote:\ncannot open the database\nis another server running?", fault.Message);
    }

    [Fact]
    public async Task Connect_ProgramThatSpeaksNoMcp_SaysSo()
    {
        var fault = await Fault(Behaving("babble", seconds: 4));

        Assert.Contains("no answer within 4 seconds; does it speak MCP?", fault.Message);
    }

    [Fact]
    public async Task Connect_ProgramThatEchoes_IsRefused()
    {
        var fault = await Fault(McpServerSpec.Parse("cat") with { ConnectTimeout = TimeSpan.FromSeconds(4) });

        Assert.StartsWith("--server 'cat': it does not speak MCP as expected", fault.Message);
    }

    [Fact]
    public async Task Connect_Cancelled_IsNotBlamedOnTheUser()
    {
        using var stop = new CancellationTokenSource();
        var connecting = McpToolConnection.ConnectAsync(Behaving("babble"), cancellationToken: stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task Connect_AddressWithoutServer_SaysSo()
    {
        var fault = await Fault(McpServerSpec.Parse("http://127.0.0.1:1/mcp"));

        Assert.StartsWith("--server 'http://127.0.0.1:1/mcp': the address does not answer", fault.Message);
    }

    [Fact]
    public async Task Server_OldClientGarbageAndEndOfInput_AreAnsweredInOrder()
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", Host, "serve", _scratch.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Send("this is not JSON");
        await Send("""{"jsonrpc":"2.0","id":1,"method":"no/such/method","params":{}}""");
        Assert.Equal(1, (await Answer()).GetProperty("id").GetInt32());
        await Send(
            """{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"""
                + """ "clientInfo":{"name":"t","version":"1"}}}""");
        Assert.Equal("2025-06-18", (await Answer()).GetProperty("result").GetProperty("protocolVersion").GetString());
        await Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await Send("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"calculator","arguments":{"expr":"1"}}}""");
        var refused = (await Answer()).GetProperty("result");
        Assert.True(refused.GetProperty("isError").GetBoolean());
        Assert.StartsWith("missing required argument 'expression'", refused.GetProperty("content")[0].GetProperty("text").GetString());

        process.StandardInput.Close();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());

        async Task Send(string line)
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync();
        }

        async Task<JsonElement> Answer()
        {
            while (true)
            {
                var message = JsonElement.Parse((await process.StandardOutput.ReadLineAsync())!);
                if (message.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number)
                    return message;
            }
        }
    }

    private sealed class LineLoggers : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
            Lines.Enqueue(format(state, exception));

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel level) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
