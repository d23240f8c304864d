using System.CommandLine;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Cli.Runs;
using AgentKit.Kernel.Runs;

namespace AgentKit.Tests.Cli;

public class RunPrinterTests
{
    private static readonly ToolCall Call = new("1", "calculator", JsonSerializer.Deserialize<JsonElement>("""{"expression":"[2] + 3"}"""));

    private static readonly AgentEvent[] Events =
    [
        new AgentEvent.ModelReplied(1, "", null, [Call], "tool_calls", new TokenUsage(100, 0, 20), 120.4),
        new AgentEvent.ToolStarted(2, Call, "key"),
        new AgentEvent.ToolCompleted(2, Call, "5", null, 1.25),
        new AgentEvent.TextDelta(3, "It is "),
        new AgentEvent.TextDelta(3, "5."),
        new AgentEvent.ModelReplied(3, "It is 5.", null, [], "stop", new TokenUsage(130, 0, 6), 80),
        new AgentEvent.RunFinished(RunStatus.Completed, "It is 5.", "answered", null),
    ];

    [Fact]
    public void Show_Piped_AnswerOnOutputStepsOnError()
    {
        (string output, string error) = Print(terminal: false);
        Assert.Equal("It is 5." + Environment.NewLine, output);
        Assert.Equal(
            [
                "  1 model asks for 1 tool call  100 tokens in, 20 out  120 ms",
                """  2 tool  calculator {"expression":"[2] + 3"} -> 5  1.3 ms""",
                "  3 model answers  130 tokens in, 6 out  80 ms",
            ],
            error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Show_Quiet_AnswerOnly()
    {
        (string output, string error) = Print(terminal: false, "--quiet");
        Assert.Equal(("It is 5." + Environment.NewLine, ""), (output, error));
    }

    [Fact]
    public void Show_Json_NothingOnOutput()
    {
        (string output, string error) = Print(terminal: false, "--json");
        Assert.Empty(output);
        Assert.Contains("calculator", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_Terminal_EverythingOnOutputAndTheAnswerOnce()
    {
        (string output, string error) = Print(terminal: true);
        Assert.Empty(error);
        Assert.Equal(2, output.Split("It is 5.").Length);
    }

    [Fact]
    public void ToolTokens_ManyTools_NamesTheMostExpensiveAndCountsTheRest()
    {
        Dictionary<string, int> tokens = Enumerable.Range(1, 10).ToDictionary(i => $"t{i}", i => i);
        Assert.Equal("55 tokens of every prompt (t10 10, t9 9, t8 8, t7 7, t6 6, t5 5, t4 4, t3 3, 2 more)", StepLine.ToolTokens(tokens));
    }

    [Fact]
    public void Tool_LongResult_SaysHowMuchIsNotShown() =>
        Assert.Contains("(+700 characters)", StepLine.Tool(Step(new string('x', 1000))), StringComparison.Ordinal);

    [Fact]
    public void Tool_WithoutAnEnd_SaysWhy()
    {
        Assert.Contains("waits for an approval", StepLine.Tool(Step(null) with { Waits = true }), StringComparison.Ordinal);
        Assert.Contains("unknown:", StepLine.Tool(Step(null) with { Waits = true, OutcomeUnknown = true, Error = "?" }), StringComparison.Ordinal);
    }

    private static RunStep Step(string? result) => new(1, RunStepKind.Tool, "c", "read_file", null, result, null, null);

    private static (string Output, string Error) Print(bool terminal, params string[] args)
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        options.AddTo(root);
        var output = new StringWriter();
        var error = new StringWriter();
        var streams = new Terminal(TextReader.Null, output, error) { OutIsTerminal = terminal };
        using var interrupts = new Interrupts();
        var printer = new RunPrinter(new CommandContext(root.Parse(args), options, streams, interrupts, TimeProvider.System));
        foreach (AgentEvent e in Events) printer.Show(e);
        return (output.ToString(), error.ToString());
    }
}
