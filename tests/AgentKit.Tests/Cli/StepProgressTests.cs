using AgentKit.Cli.Train;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public sealed class StepProgressTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(0, null, "stopped before the first step was done")]
    [InlineData(0, "checkpoint-00000004.akt", "stopped after step 4")]
    [InlineData(6, "checkpoint-00000004.akt", "stopped after step 6")]
    public void Stopped_NamesTheLastFinishedStep(int reported, string? checkpoint, string expected)
    {
        if (checkpoint is not null) _scratch.Write(checkpoint, "");
        Assert.Equal(expected, StepProgress.Stopped(reported, _scratch.Path));
    }
}
