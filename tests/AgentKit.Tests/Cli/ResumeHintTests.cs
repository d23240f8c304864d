using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Cli.Train;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Cli;

public class ResumeHintTests
{
    private static readonly DataDirectory Default = new("state", "default");

    [Fact]
    public void Of_NothingButAConfiguration_IsShort() =>
        Assert.Equal("agentkit train sft --config runs/sft.json --resume", ResumeHint.Of("sft", "runs/sft.json", null, Default));

    [Fact]
    public void Of_ModelAndData_RepeatsThem() => Assert.Equal(
        "agentkit train grpo --config a.json -m nano --data state --resume", ResumeHint.Of("grpo", "a.json", "nano", new("state", "--data")));

    [Fact]
    public void Of_APathWithBlanks_QuotesIt()
    {
        string hint = ResumeHint.Of("sft", "my runs/it's.json", null, Default);
        string quoted = OperatingSystem.IsWindows() ? "\"my runs/it's.json\"" : "'my runs/it'\\''s.json'";
        Assert.Equal($"agentkit train sft --config {quoted} --resume", hint);
    }

    [Fact]
    public void StepProgress_AStepWithoutTokens_CountsNoTime()
    {
        var options = new GlobalOptions();
        var root = new RootCommand();
        options.AddTo(root);
        using var terminal = new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null);
        using var interrupts = new Interrupts();
        using var progress = new StepProgress(new CommandContext(root.Parse([]), options, terminal, interrupts, TimeProvider.System));
        progress.Start(2, 0);
        progress.Report(new TrainingStep(1, 0, 1, 0, 0, 0, 0));
        Assert.Equal(0, progress.TokensPerSecond);
        progress.Report(new TrainingStep(2, 1, 1, 1, 100, 100, 50));
        Assert.Equal(50, progress.TokensPerSecond);
    }
}
