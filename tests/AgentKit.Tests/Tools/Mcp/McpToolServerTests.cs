using System.ComponentModel;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Tests.Tools.Mcp;

public class McpToolServerTests
{
    private static AIFunction Tool(Delegate body, string name = "tool", ToolContract? contract = null) => AIFunctionFactory.Create(
        body, new AIFunctionFactoryOptions { Name = name, AdditionalProperties = (contract ?? ToolContract.Undeclared).ToProperties() });

    private static async Task<string> Fault(McpPair pair, string tool, string arguments) =>
        (await Assert.ThrowsAsync<ToolException>(() => pair.Connection.CallAsync(tool, JsonElement.Parse(arguments)))).Message;

    [Theory]
    [InlineData(null, "2026-07-28")]
    [InlineData("2026-07-28", "2026-07-28")]
    [InlineData("2025-11-25", "2025-11-25")]
    [InlineData("2025-06-18", "2025-06-18")]
    public async Task Run_ClientOfEitherEra_ListsAndCalls(string? asked, string negotiated)
    {
        using var scratch = new ScratchFolder();
        scratch.Write("notes.txt", "The budget is 5.");
        await using var pair = await McpPair.StartAsync(BuiltInTools.Create(new BuiltInToolsOptions { Root = scratch.Path }), asked);

        Assert.Equal(negotiated, pair.Connection.ProtocolVersion);
        Assert.Equal("agentkit", pair.Connection.ServerName);
        Assert.Equal(
            ["calculator", "clock", "list_files", "read_file", "search_files"], pair.Connection.Tools.Select(tool => tool.Name));
        Assert.Equal("865", await pair.Connection.CallAsync("calculator", JsonElement.Parse("""{"expression":"347 + 518"}""")));
        Assert.Equal("The budget is 5.", await pair.Connection.CallAsync("read_file", JsonElement.Parse("""{"path":"notes.txt"}""")));
    }

    [Fact]
    public async Task Run_ToolsCrossTheWire_UnchangedInSchemaAndContract()
    {
        using var scratch = new ScratchFolder();
        var tools = BuiltInTools.Create(new BuiltInToolsOptions { Root = scratch.Path });
        await using var pair = await McpPair.StartAsync(tools);

        foreach (var (served, received) in tools.Zip(pair.Connection.Tools))
        {
            Assert.Equal(served.Description, received.Description);
            Assert.True(JsonElement.DeepEquals(served.JsonSchema, received.JsonSchema));
            Assert.Equal(ToolContract.Of(served), ToolContract.Of(received));
        }
    }

    [Theory]
    [InlineData("{}", "missing required argument 'expression', expected a string")]
    [InlineData("""{"expression":5}""", "argument 'expression' must be a string, found 5")]
    [InlineData("""{"expression":"1","mode":"x"}""", "unknown argument 'mode', allowed: 'expression'")]
    [InlineData(
        """{"expr":"1"}""", "missing required argument 'expression', expected a string; unknown argument 'expr', allowed: 'expression'")]
    [InlineData("""{"expression":"1 / 0"}""", "division by zero")]
    public async Task Call_ThatCannotWork_TellsTheModelWhy(string arguments, string expected)
    {
        await using var pair = await McpPair.StartAsync(BuiltInTools.Create(new BuiltInToolsOptions()));

        Assert.Equal(expected, await Fault(pair, "calculator", arguments));
    }

    [Fact]
    public async Task Call_UnknownTool_NamesTheKnownOnes()
    {
        await using var pair = await McpPair.StartAsync(BuiltInTools.Create(new BuiltInToolsOptions()));

        Assert.Contains("unknown tool 'calc', known: calculator, clock", await Fault(pair, "calc", "{}"));
    }

    [Fact]
    public async Task Call_ToolWithABug_HidesTheDetailAndLogsIt()
    {
        using var log = new RecordingLoggers();
        await using var pair = await McpPair.StartAsync(
            [Tool(string () => throw new InvalidDataException("secret path"))], options: new McpToolServerOptions { Loggers = log });

        Assert.Equal("tool 'tool' failed; the server's log says why", await Fault(pair, "tool", "{}"));
        Assert.Contains(log.Exceptions, e => e is InvalidDataException { Message: "secret path" });
    }

    [Fact]
    public async Task Call_ResultsOfAnyKind_BecomeText()
    {
        await using var pair = await McpPair.StartAsync(
        [
            Tool(() => new { count = 3 }, "object"),
            Tool(() => 42, "number"),
            Tool(string? () => null, "nothing"),
            Tool(() => "ä \"quoted\"", "text"),
            Tool(() => new AIContent[] { new TextContent("seen"), new DataContent(new byte[5], "image/png") }, "contents"),
        ]);

        Assert.Equal("""{"count":3}""", (await Call("object")).ReplaceLineEndings("").Replace(" ", ""));
        Assert.Equal("42", await Call("number"));
        Assert.Equal("", await Call("nothing"));
        Assert.Equal("ä \"quoted\"", await Call("text"));
        Assert.Contains("seen", await Call("contents"));

        async Task<string> Call(string name) => await pair.Connection.CallAsync(name, JsonElement.Parse("{}"));
    }

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    public async Task Call_Cancelled_CancelsTheTool(string protocolVersion)
    {
        var (started, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var pair = await McpPair.StartAsync([Tool(async (CancellationToken cancellation) =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                cancelled.SetResult();
            }
        })], protocolVersion);
        using var stop = new CancellationTokenSource();

        var call = pair.Connection.CallAsync("tool", JsonElement.Parse("{}"), stop.Token);
        await started.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task;
    }

    [Fact]
    public async Task Run_Cancelled_EndsAlthoughTheClientIsSilent()
    {
        using var stop = new CancellationTokenSource();
        var silent = new System.IO.Pipelines.Pipe();
        var serving = new McpToolServer([]).RunAsync(silent.Reader.AsStream(), new MemoryStream(), stop.Token);

        await stop.CancelAsync();

        await Task.WhenAny(serving);
        Assert.True(serving.IsCompleted);
    }

    public static TheoryData<ToolReplay, SideEffect, bool, bool, bool, bool> Hints => new()
    {
        { ToolReplay.Pure, SideEffect.None, true, false, true, false },
        { ToolReplay.Idempotent, SideEffect.NetworkRead, true, false, true, true },
        { ToolReplay.Idempotent, SideEffect.LocalWrite, false, true, false, false },
        { ToolReplay.Unsafe, SideEffect.NetworkWrite, false, true, false, true },
        { ToolReplay.Unsafe, SideEffect.Irreversible, false, true, false, true },
    };

    [Theory]
    [MemberData(nameof(Hints))]
    public void ToAnnotations_Contract_IsTold(
        ToolReplay replay, SideEffect effect, bool readOnly, bool destructive, bool idempotent, bool openWorld)
    {
        var hints = ToolAnnotationMap.ToAnnotations(new ToolContract(replay, effect));

        Assert.Equal(
            (readOnly, destructive, idempotent, openWorld),
            (hints.ReadOnlyHint, hints.DestructiveHint, hints.IdempotentHint, hints.OpenWorldHint));
    }

    [Fact]
    public void ToContract_NoHints_IsTheCarefulAssumptionAndCountsAsDeclared() =>
        // What another process does is never taken for a function of this program that needs no approval.
        Assert.Equal(new ToolContract(ToolReplay.Unsafe, SideEffect.Irreversible), ToolAnnotationMap.ToContract(null));

    [Theory]
    [InlineData("")]
    [InlineData("Tool")]
    [InlineData("1tool")]
    [InlineData("my.tool")]
    [InlineData("tool\n")]
    [InlineData("a234567890123456789012345678901234567890x")]
    public void Create_NameThatClientsRefuse_IsRefused(string name)
    {
        var fault = Assert.Throws<UserInputException>(() => new McpToolServer([new Named(name)]));

        Assert.Contains($"tool '{name}'", fault.Message);
        Assert.Contains("lower-case letter", fault.Message);
    }

    [Fact]
    public void Create_NameTakenTwice_IsRefused() => Assert.Contains(
        "same name", Assert.Throws<UserInputException>(() => new McpToolServer([new Named("a"), new Named("a")])).Message);

    [Theory]
    [InlineData("""{"type":"array","items":{}}""", "\"type\": \"object\"")]
    [InlineData("""{"type":"object","anyOf":[]}""", "'anyOf' at the top")]
    [InlineData("""{"type":"object","properties":{"x":{"type":["string","null"]}}}""", "union of types at 'x'")]
    [InlineData("""{"type":"object","properties":{"x":{"$ref":"#/$defs/a"}}}""", "$ref at 'x'")]
    [InlineData("""{"type":"object","properties":{"x":{"type":"array"}}}""", "without 'items' at 'x'")]
    [InlineData("""{"type":"object","properties":{"x":{"type":"array","items":{"type":["a"]}}}}""", "union of types at the items of 'x'")]
    [InlineData("""{"type":"object","properties":{},"required":["x"]}""", "requires 'x'")]
    [InlineData("""{"type":"object","properties":{"bad name":{}}}""", "argument 'bad name'")]
    public void Create_SchemaThatClientsRefuse_IsRefused(string schema, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserInputException>(() => new McpToolServer([new Named("tool", schema)])).Message);

    [Fact]
    public void Create_FunctionFromADelegate_IsPortable()
    {
        var server = new McpToolServer([Tool(([Description("Name.")] string name, int count = 1, string tags = "") => name)]);

        Assert.Single(server.Tools);
    }

    private sealed class Named(string name, string schema = """{"type":"object"}""") : AIFunction
    {
        public override string Name => name;

        public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
            new((object?)null);
    }

    private sealed class RecordingLoggers : ILoggerFactory, ILogger
    {
        private readonly List<Exception> _exceptions = [];

        public IReadOnlyList<Exception> Exceptions
        {
            get
            {
                lock (_exceptions)
                    return [.. _exceptions];
            }
        }

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format)
        {
            if (exception is null)
                return;
            lock (_exceptions)
                _exceptions.Add(exception);
        }

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
