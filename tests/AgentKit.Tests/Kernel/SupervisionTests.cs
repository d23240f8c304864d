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
    public async Task Failure_ThatIsToStopTheActor_TakesItDownAtOnceAndTellsNobody()
    {
        await using var harness = new ActorHarness();
        int told = 0;
        ActorId boss = harness.Add("boss", (_, _) => { told++; return default; });
        ActorId id = harness.AddStateful("counter", Counter, new ActorKindOptions
        {
            OnFailure = error => error is FormatException ? FailureResponse.Stop : FailureResponse.Restart,
            SupervisedBy = _ => boss,
        });
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "fail"));
        await Assert.ThrowsAsync<ActorStoppedException>(() => harness.System.AskAsync<int>(id, "count"));
        await harness.DisposeAsync();
        Assert.Equal(0, told);
    }

    [Fact]
    public async Task Failure_Escalated_SupervisorLetsANewActorBeMade()
    {
        await using var harness = new ActorHarness();
        var told = new TaskCompletionSource<ActorFailed>();
        ActorId boss = harness.Add("boss", async (message, context) =>
        {
            await context.System.StopAsync(((ActorFailed)message).Actor);
            told.SetResult((ActorFailed)message);
        });
        ActorId id = harness.AddStateful("counter", Counter, new ActorKindOptions { OnFailure = _ => FailureResponse.Escalate, SupervisedBy = _ => boss });

        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "fail"));

        ActorFailed failure = await told.Task;
        Assert.Equal(id, failure.Actor);
        Assert.IsType<FormatException>(failure.Error);
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
    }

    [Fact]
    public async Task Failure_BeyondTheBudget_IsEscalatedUpToTheLastSupervisor()
    {
        await using var harness = new ActorHarness();
        ActorId top = new("top", "1"), middle = new("middle", "1"), worker = new("worker", "1");
        var reached = new TaskCompletionSource<ActorFailed>();
        harness.Add("top", (message, _) => { reached.SetResult((ActorFailed)message); return default; });
        var none = new ActorKindOptions { MaxRestarts = 0 };
        harness.Add("middle", (message, _) => throw ((ActorFailed)message).Error, none with { SupervisedBy = _ => top });
        harness.Add("worker", (_, _) => throw new FormatException("no"), none with { SupervisedBy = _ => middle });

        harness.System.Tell(worker, "go");

        ActorFailed failure = await reached.Task;
        Assert.Equal((middle, "no"), (failure.Actor, failure.Error.Message));
    }

    [Fact]
    public async Task Failure_SupervisorIsOfNoKnownKind_IsADeadLetter()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", Counter, new ActorKindOptions
        {
            OnFailure = _ => throw new InvalidOperationException("undecided"),
            SupervisedBy = _ => new ActorId("nobody", "1"),
        });
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "fail"));
        await harness.DisposeAsync();
        DeadLetter letter = Assert.Single(harness.DeadLetters);
        Assert.Equal((DeadLetterReason.Unreachable, id), (letter.Reason, Assert.IsType<ActorFailed>(letter.Message).Actor));
    }

    [Fact]
    public async Task TypedActor_MessageOfAnotherType_FailsNamingBoth()
    {
        await using var harness = new ActorHarness();
        harness.System.Register("greeter", _ => new Greeter(), OneRestart);
        var id = new ActorId("greeter", "1");
        Assert.Equal("Hello, Ada", await harness.System.AskAsync<string>(id, "Ada"));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => harness.System.AskAsync<string>(id, new Uri("https://one.example")));
        Assert.StartsWith("greeter/1 understands System.String, not System.Uri.", error.Message);
    }

    private sealed class Greeter : Actor<string>
    {
        protected override ValueTask ReceiveAsync(string message, ActorContext context)
        {
            context.Reply($"Hello, {message}");
            return default;
        }
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
