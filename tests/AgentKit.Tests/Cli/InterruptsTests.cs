using AgentKit.Cli.App;

namespace AgentKit.Tests.Cli;

public class InterruptsTests
{
    [Fact]
    public async Task Request_WhileAPartRuns_StopsThePartOnly()
    {
        using var interrupts = new Interrupts();
        bool whole = await interrupts.RunPartAsync(stop =>
        {
            Assert.True(interrupts.Request());
            stop.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        });
        Assert.False(whole);
        Assert.False(interrupts.Stop.IsCancellationRequested);
    }

    [Fact]
    public void Request_OutsideAPart_StopsTheCommandAndASecondOneMayKill()
    {
        using var interrupts = new Interrupts();
        Assert.True(interrupts.Request());
        Assert.True(interrupts.Stop.IsCancellationRequested);
        Assert.False(interrupts.Request());
    }

    [Fact]
    public async Task Request_TwiceWhileAPartRuns_StopsTheCommand()
    {
        using var interrupts = new Interrupts();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupts.RunPartAsync(stop =>
        {
            interrupts.Request();
            interrupts.Request();
            stop.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }));
        Assert.True(interrupts.Stop.IsCancellationRequested);
    }

    [Fact]
    public async Task RunPartAsync_PartFails_PassesTheFailureOn()
    {
        using var interrupts = new Interrupts();
        await Assert.ThrowsAsync<InvalidDataException>(() => interrupts.RunPartAsync(_ => throw new InvalidDataException()));
    }
}
