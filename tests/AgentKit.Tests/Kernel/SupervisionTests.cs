using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

public class SupervisionTests
{
    private static readonly ActorKindOptions OneRestart = new() { MaxRestarts = 1, FirstBackoff = TimeSpan.FromSeconds(1) };

    /// <summary>Counts its messages; "fail" makes it throw.</summary>
    private static Func<object, ActorContext, ValueTask> Counter()
    {
        int count = 0;
        return (message, context) =>
        {
            if (message is "fail") throw new FormatException("told to");
            context.Reply(++count);
            return default;
        };
    }

    [Fact]
    public async Task Failure_AfterBackoff_StartsANewActorAndKeepsTheWaitingMessages()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", Counter, OneRestart);
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
        harness.System.Tell(id, "fail");
        await harness.Time.TimerSetAsync();

        Task<int> waiting = harness.System.AskAsync<int>(id, "count");
        harness.Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(waiting.IsCompleted);
        harness.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, await waiting);
        DeadLetter letter = Assert.Single(harness.DeadLetters);
        Assert.Equal((id, (object)"fail", DeadLetterReason.Failed), (letter.To, letter.Message, letter.Reason));
        Assert.IsType<FormatException>(letter.Error);
    }

    [Fact]
    public async Task Failure_BeyondTheBudget_TakesTheActorDownAndFailsWhatWaits()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", Counter, OneRestart);
        harness.System.Tell(id, "fail");
        await harness.Time.TimerSetAsync();
        harness.System.Tell(id, "fail");
        harness.System.Tell(id, "left");
        Task<int> ask = harness.System.AskAsync<int>(id, "count");
        harness.Time.Advance(TimeSpan.FromSeconds(1));

        var error = await Assert.ThrowsAsync<ActorStoppedException>(() => ask);
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Equal(["fail", "fail", "left", "count"], harness.DeadLetters.Select(letter => letter.Message));
        await Assert.ThrowsAsync<ActorStoppedException>(() => harness.System.AskAsync<int>(id, "still down?"));
        harness.System.Tell(id, "lost");
        Assert.Equal(DeadLetterReason.Down, harness.DeadLetters.Last().Reason);
    }

    [Fact]
    public async Task StopAsync_ActorThatIsDown_LetsTheNextMessageMakeANewOne()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", Counter, new ActorKindOptions { MaxRestarts = 0 });
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "fail"));

        await harness.System.StopAsync(id);

        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
    }

    [Fact]
    public async Task Failure_OlderThanTheWindow_IsForgiven()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", Counter, OneRestart);
        for (int i = 0; i < 3; i++)
        {
            harness.System.Tell(id, "fail");
            await harness.Time.TimerSetAsync();
            harness.Time.Advance(TimeSpan.FromMinutes(2));
            Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
        }
    }

    [Fact]
    public async Task Failure_OfTheFactory_IsSupervisedToo()
    {
        int made = 0;
        await using var harness = new ActorHarness();
        harness.System.Register(
            "fragile", _ => ++made == 1 ? throw new FormatException("first") : new ActorHarness.LambdaActor(Counter()), OneRestart);
        var id = new ActorId("fragile", "1");
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "count"));
        await harness.Time.TimerSetAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
    }

    [Fact]
    public async Task DeadLetterCallback_ThatThrows_HurtsNobody()
    {
        await using var system = new ActorSystem(new ActorSystemOptions { OnDeadLetter = _ => throw new FormatException("callback") });
        var options = new ActorKindOptions { FirstBackoff = TimeSpan.FromTicks(1) };
        system.Register("counter", _ => new ActorHarness.LambdaActor(Counter()), options);
        var id = new ActorId("counter", "1");
        system.Tell(id, "fail");
        Assert.Equal(1, await system.AskAsync<int>(id, "count"));
    }

    [Fact]
    public void Backoff_DoublesUpToItsLimit()
    {
        var time = new Support.FakeTimeProvider();
        var supervisor = new Supervisor(
            new ActorKindOptions { MaxRestarts = 4, FirstBackoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(5) }, time);
        Assert.Equal(
            [1, 2, 4, 5, null], Enumerable.Range(0, 5).Select(_ => supervisor.OnFailure()?.TotalSeconds));
    }
}
