using System.CommandLine;
using System.Text.Json;
using AgentKit.Agents;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Cli.Runs;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Cli;

public sealed class ApprovalTests : IDisposable
{
    private static readonly ToolContract Writes = new(ToolReplay.Idempotent, SideEffect.LocalWrite);
    private static readonly ToolContract Reads = new(ToolReplay.Idempotent, SideEffect.LocalRead);

    private readonly ScratchFolder _data = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("auto", ApprovalAnswer.Allow)]
    [InlineData("ask", ApprovalAnswer.Ask)]
    [InlineData("never", ApprovalAnswer.Deny)]
    public void Policy_ToolThatWrites_IsWhatTheOptionSays(string mode, ApprovalAnswer answer)
    {
        Assert.Equal(answer, Create(mode).Policy().For(Tool(Writes)));
        Assert.Equal(answer, Create(mode).Policy().For(AIFunctionFactory.Create(() => 1, "undeclared")));
        Assert.Equal(ApprovalAnswer.Allow, Create(mode).Policy().For(Tool(Reads)));
    }

    [Fact]
    public void Policy_RuleOfTheUser_GoesBeforeTheOptionAndADenialHoldsAlways()
    {
        var rules = new ApprovalRules(new DataDirectory(_data.Path, "--data"));
        rules.Add(new ToolRule("https://one.example/*", "*", ApprovalAnswer.Allow));
        rules.Add(new ToolRule("*", "delete_*", ApprovalAnswer.Deny));
        Assert.Equal(ApprovalAnswer.Allow, Create("ask").Policy().For(Tool(Writes with { Server = "https://one.example/mcp" })));
        Assert.Equal(ApprovalAnswer.Ask, Create("ask").Policy().For(Tool(Writes with { Server = "https://two.example/mcp" })));
        Assert.Equal(ApprovalAnswer.Deny, Create("auto").Policy().For(Tool(Writes, "delete_all")));
        Assert.Equal(ApprovalAnswer.Deny, Create("never").Policy().For(Tool(Writes with { Server = "https://one.example/mcp" })));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""[{"server":"*","tool":"*","answer":"perhaps"}]""")]
    [InlineData("""[{"server":"*","answer":"allow"}]""")]
    public void Rules_FileThatIsNone_IsRefusedByName(string json)
    {
        _data.Write("approvals.json", json);
        var error = Assert.Throws<UserInputException>(() => Create("ask").Policy());
        Assert.Contains("approvals.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decide_NoTerminal_LeavesTheCallWaiting() =>
        Assert.Equal(ApprovalReply.Wait, await Create("ask", "y\n", terminal: false).DecideAsync(Request(), default));

    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    [InlineData("")]
    public async Task Decide_UserDoesNotSayYes_Rejects(string answer) =>
        Assert.False((await Create("ask", answer).DecideAsync(Request(), default)).Approved);

    [Fact]
    public async Task Decide_UserSaysYes_ApprovesThatCallOnly()
    {
        Approval approval = Create("ask", "y\nn\n");
        Assert.Equal(ApprovalReply.Approve(), await approval.DecideAsync(Request(), default));
        Assert.False((await approval.DecideAsync(Request(), default)).Approved);
        Assert.Contains("""Allow write {"path":"a.txt"} (LocalWrite)?""", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decide_UserSaysSession_AsksOnce()
    {
        Approval approval = Create("ask", "s\n");
        Assert.Equal(ApprovalScope.Session, (await approval.DecideAsync(Request(), default)).Scope);
        Assert.True((await approval.DecideAsync(Request(), default)).Approved);
        Assert.False(File.Exists(_data["approvals.json"]));
    }

    [Fact]
    public async Task Decide_UserSaysAlways_TheNextRunDoesNotAsk()
    {
        Assert.Equal(ApprovalScope.Always, (await Create("ask", "a\n").DecideAsync(Request(), default)).Scope);
        Assert.Equal(ApprovalAnswer.Allow, Create("ask").Policy().For(Tool(Writes)));
        Assert.Equal(ApprovalAnswer.Ask, Create("ask").Policy().For(Tool(Writes with { Server = "elsewhere" })));
    }

    [Fact]
    public async Task Decide_UserSaysNever_NobodyIsAskedAgain()
    {
        Approval approval = Create("ask", "d\n");
        Assert.False((await approval.DecideAsync(Request(), default)).Approved);
        Assert.False((await approval.DecideAsync(Request(), default)).Approved);
        Assert.Equal(ApprovalAnswer.Deny, Create("auto").Policy().For(Tool(Writes)));
        Assert.Equal(ApprovalAnswer.Allow, Create("auto").Policy().For(Tool(Writes with { Server = "elsewhere" })));
    }

    [Fact]
    public async Task Decide_OutcomeUnknown_NoEarlierAnswerCounts()
    {
        Approval approval = Create("ask", "s\nw\n");
        await approval.DecideAsync(Request(), default);
        Assert.Equal(ApprovalReply.Wait, await approval.DecideAsync(Request() with { OutcomeUnknown = true }, default));
        Assert.Contains("may have taken effect", _error.ToString(), StringComparison.Ordinal);
    }

    private static ApprovalRequest Request() => new(
        "r", new ToolCall("c", "write", JsonSerializer.SerializeToElement(new { path = "a.txt" })), null, SideEffect.LocalWrite, false);

    private static AIFunction Tool(ToolContract contract, string name = "write") =>
        contract.Apply(AIFunctionFactory.Create(() => "done", name));

    private Approval Create(string mode, string input = "", bool terminal = true)
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        options.AddTo(root);
        var streams = new Terminal(new StringReader(input), TextWriter.Null, _error) { InIsTerminal = terminal, ErrorIsTerminal = terminal };
        var context = new CommandContext(root.Parse(["--data", _data.Path]), options, streams, new Interrupts(), TimeProvider.System);
        return new Approval(context, Enum.Parse<ApprovalMode>(mode, ignoreCase: true));
    }
}
