using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

public class ActorSystemTests
{
    [Fact]
    public async Task Tell_UnknownKind_NamesTheKnownOnes()
    {
        await using var harness = new ActorHarness();
        harness.Add("known", (_, _) => default);
        var error = Assert.Throws<ArgumentException>(() => harness.System.Tell(new ActorId("other", "1"), 1));
        Assert.Contains("'other'", error.Message);
        Assert.Contains("known", error.Message);
    }

    [Fact]
    public async Task Register_SameKindTwice_IsRefused()
    {
        await using var harness = new ActorHarness();
        harness.Add("kind", (_, _) => default);
        Assert.Throws<ArgumentException>(() => harness.Add("kind", (_, _) => default));
        Assert.False(harness.System.TryRegister("kind", _ => throw new FormatException()));
    }

    [Fact]
    public async Task Stop_MessagesStillWaiting_AreDeadLetteredAndTheNextMakesANewActor()
    {
        var open = new TaskCompletionSource();
        int made = 0;
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("once", () =>
        {
            made++;
            return async (message, context) =>
            {
                if (message is "stop")
                {
                    await open.Task;
                    context.Stop();
                }

                context.Reply("ok");
            };
        });
        Task<string> stop = harness.System.AskAsync<string>(id, "stop");
        Task<string> left = harness.System.AskAsync<string>(id, "left");
        open.SetResult();

        Assert.Equal("ok", await stop);
        await Assert.ThrowsAsync<ActorStoppedException>(() => left);
        Assert.Equal("ok", await harness.System.AskAsync<string>(id, "new"));
        Assert.Equal(2, made);
        Assert.Equal("left", Assert.Single(harness.DeadLetters).Message);
    }

    [Fact]
    public async Task DisposeAsync_MessagesThatCauseMessages_AreAllHandled()
    {
        int handled = 0;
        await using var harness = new ActorHarness();
        ActorId second = harness.Add("second", async (message, context) =>
        {
            await Task.Yield();
            Interlocked.Increment(ref handled);
            if ((int)message > 0) await context.TellAsync(new ActorId("first", "1"), (int)message - 1);
        });
        ActorId first = harness.Add("first", async (message, context) =>
        {
            Interlocked.Increment(ref handled);
            if ((int)message > 0) await context.TellAsync(second, (int)message - 1);
        });
        harness.System.Tell(first, 500);

        await harness.DisposeAsync();

        Assert.Equal(501, handled);
        Assert.Throws<ObjectDisposedException>(() => harness.System.Tell(first, 1));
        Assert.Empty(harness.DeadLetters);
    }

    [Fact]
    public async Task DisposeAsync_ActorBusyBeyondTheTimeout_IsCancelledAndItsMailIsDeadLettered()
    {
        var started = new TaskCompletionSource();
        await using var harness = new ActorHarness(TimeSpan.FromSeconds(5));
        ActorId id = harness.Add("endless", async (_, context) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Stopping);
        });
        harness.System.Tell(id, "go");
        await started.Task;
        harness.System.Tell(id, "never");

        Task disposal = harness.DisposeAsync().AsTask();
        await harness.Time.TimerSetAsync();
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        await disposal;

        Assert.Equal(["go", "never"], harness.DeadLetters.Select(letter => letter.Message));
    }

    [Fact]
    public async Task DisposeAsync_ActorWaitingForItsRestart_IsNotWaitedFor()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("broken", (_, _) => throw new FormatException());
        harness.System.Tell(id, "fail");
        await harness.Time.TimerSetAsync();
        harness.System.Tell(id, "waits");

        await harness.DisposeAsync();

        Assert.Equal([DeadLetterReason.Failed, DeadLetterReason.Stopped], harness.DeadLetters.Select(letter => letter.Reason));
    }

    [Fact]
    public async Task DisposeAsync_DisposableActor_IsDisposedOnce()
    {
        var actor = new DisposableActor();
        await using (var system = new ActorSystem())
        {
            system.Register("disposable", _ => actor);
            system.Tell(new ActorId("disposable", "1"), "hello");
        }

        Assert.Equal(1, actor.Disposed);
    }

    [Fact]
    public async Task SlowActor_DoesNotHoldUpTheOthers()
    {
        var open = new TaskCompletionSource();
        await using var harness = new ActorHarness();
        ActorId slow = harness.Add("slow", async (_, _) => await open.Task);
        ActorId quick = harness.Add("quick", (message, context) => { context.Reply(message); return default; });
        for (int i = 0; i < 100; i++) harness.System.Tell(slow, i);
        for (int i = 0; i < 100; i++) Assert.Equal(i, await harness.System.AskAsync<int>(quick, i));
        open.SetResult();
    }

    [Fact]
    public async Task Tell_ManyActors_EachGetsItsOwnMessages()
    {
        int sum = 0;
        await using (var harness = new ActorHarness())
        {
            harness.System.Register("cell", id => new ActorHarness.LambdaActor((message, context) =>
            {
                Interlocked.Add(ref sum, (int)message);
                Assert.Equal(id, context.Self);
                return default;
            }));
            for (int i = 0; i < 20_000; i++) harness.System.Tell(new ActorId("cell", (i % 5_000).ToString()), 1);
        }

        Assert.Equal(20_000, sum);
    }

    private sealed class DisposableActor : Actor, IAsyncDisposable
    {
        public int Disposed { get; private set; }

        public override ValueTask ReceiveAsync(object message, ActorContext context) => default;

        public ValueTask DisposeAsync()
        {
            Disposed++;
            return default;
        }
    }
}
