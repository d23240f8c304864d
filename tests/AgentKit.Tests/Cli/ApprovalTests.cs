using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Cli.Runs;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Cli;

public class ApprovalTests
{
    private static readonly ToolContract Writes = new(ToolReplay.Idempotent, SideEffect.LocalWrite);
    private static readonly ToolContract Reads = new(ToolReplay.Idempotent, SideEffect.LocalRead);

    private readonly StringWriter _error = new();
    private int _calls;

    [Theory]
    [InlineData("never")]
    [InlineData("ask")]
    public async Task Guard_ToolThatOnlyReads_RunsWithoutAsking(string mode)
    {
        Assert.Equal("done", await InvokeAsync(mode, Reads, "", terminal: false));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Guard_AutoAndToolThatWrites_Runs() => Assert.Equal("done", await InvokeAsync("auto", Writes, "", terminal: false));

    [Fact]
    public async Task Guard_AskWithoutTerminal_RefusesAndSaysHowToAllow()
    {
        await Assert.ThrowsAsync<ToolException>(() => InvokeAsync("ask", Writes, "y\n", terminal: false));
        Assert.Equal(0, _calls);
        Assert.Contains("--approve auto", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_Never_Refuses()
    {
        await Assert.ThrowsAsync<ToolException>(() => InvokeAsync("never", Writes, "y\n", terminal: true));
        Assert.Equal(0, _calls);
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    [InlineData("")]
    public async Task Guard_UserDoesNotSayYes_Refuses(string answer)
    {
        await Assert.ThrowsAsync<ToolException>(() => InvokeAsync("ask", Writes, answer, terminal: true));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task Guard_UserSaysYes_RunsThatCallOnly()
    {
        AIFunction guarded = Guard("ask", Writes, "y\nn\n", terminal: true);
        await guarded.InvokeAsync(new AIFunctionArguments { ["path"] = "a.txt" });
        await Assert.ThrowsAsync<ToolException>(() => guarded.InvokeAsync(new AIFunctionArguments()).AsTask());
        Assert.Equal(1, _calls);
        Assert.Contains("""Allow write {"path":"a.txt"} (LocalWrite)?""", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_UserSaysAlways_AsksOnce()
    {
        AIFunction guarded = Guard("ask", Writes, "a\n", terminal: true);
        await guarded.InvokeAsync(new AIFunctionArguments());
        await guarded.InvokeAsync(new AIFunctionArguments());
        Assert.Equal(2, _calls);
    }

    private async Task<string?> InvokeAsync(string mode, ToolContract contract, string input, bool terminal) =>
        (await Guard(mode, contract, input, terminal).InvokeAsync(new AIFunctionArguments()))?.ToString();

    private AIFunction Guard(string mode, ToolContract contract, string input, bool terminal)
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        options.AddTo(root);
        var streams = new Terminal(new StringReader(input), TextWriter.Null, _error) { InIsTerminal = terminal, ErrorIsTerminal = terminal };
        var context = new CommandContext(root.Parse([]), options, streams, new Interrupts(), TimeProvider.System);
        AIFunction tool = AIFunctionFactory.Create(Call, new AIFunctionFactoryOptions { Name = "write", AdditionalProperties = contract.ToProperties() });
        return new Approval(context, Enum.Parse<ApprovalMode>(mode, ignoreCase: true)).Guard(tool);
    }

    private string Call()
    {
        _calls++;
        return "done";
    }
}
