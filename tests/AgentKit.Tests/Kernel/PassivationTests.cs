using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

/// <summary>Actors that are let go when idle, their timers, and actors that live elsewhere.</summary>
public class PassivationTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ActorKindOptions Idle = new() { IdleTimeout = Minute };

    [Fact]
    public async Task IdleActor_AfterItsTimeout_IsDisposedAndTheNextMessageMakesANewOne()
    {
        await using var harness = new ActorHarness();
        (ActorId id, Func<int> made) = Counter(harness);
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
        Assert.Equal(2, await harness.System.AskAsync<int>(id, "count"));
        harness.Time.Advance(Minute);
        await harness.System.AskAsync<int>(id, "count");
        harness.Time.Advance(Minute);
        Assert.Equal(4, await harness.System.AskAsync<int>(id, "count"));
        Assert.Equal(1, made());
        harness.Time.Advance(Minute);
        harness.Time.Advance(Minute);
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "count"));
        Assert.Equal(2, made());
        Assert.Empty(harness.DeadLetters);
    }

    [Fact]
    public async Task MessagesDuringPassivation_AreHandledByTheNewActor()
    {
        await using var harness = new ActorHarness();
        var disposing = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        int made = 0;
        harness.System.Register("slow", _ => new SlowToGo(++made, disposing, goOn), Idle);
        var id = new ActorId("slow", "1");
        Assert.Equal(1, await harness.System.AskAsync<int>(id, "who"));
        harness.Time.Advance(Minute);
        harness.Time.Advance(Minute);
        await disposing.Task;
        Task<int> late = harness.System.AskAsync<int>(id, "who");
        Assert.False(late.IsCompleted);
        goOn.SetResult();
        Assert.Equal(2, await late);
    }

    [Fact]
    public async Task Timer_DueOnce_SendsItsMessageAndKeepsTheActorUntilThen()
    {
        await using var harness = new ActorHarness();
        var ticked = new TaskCompletionSource<int>();
        int made = 0;
        ActorId id = harness.AddStateful("alarm", () =>
        {
            int mine = ++made;
            return (message, context) =>
            {
                if (message is "set") context.StartTimer("t", 5 * Minute, "tick");
                else ticked.SetResult(mine);
                context.Reply("ok");
                return default;
            };
        }, Idle);
        await harness.System.AskAsync<string>(id, "set");
        for (int i = 0; i < 5; i++) harness.Time.Advance(Minute);
        Assert.Equal(1, await ticked.Task);
    }

    [Fact]
    public async Task Timer_Periodic_TicksUntilItIsStopped()
    {
        await using var harness = new ActorHarness();
        int ticks = 0;
        ActorId id = harness.Add("clock", (message, context) =>
        {
            if (message is "start") context.StartTimer("t", Minute, "tick", Minute);
            if (message is "stop") context.StopTimer("t");
            if (message is "tick") ticks++;
            context.Reply(ticks);
            return default;
        });
        await harness.System.AskAsync<int>(id, "start");
        for (int i = 1; i <= 3; i++)
        {
            harness.Time.Advance(Minute);
            Assert.Equal(i, await harness.System.AskAsync<int>(id, "look"));
        }

        await harness.System.AskAsync<int>(id, "stop");
        harness.Time.Advance(Minute);
        Assert.Equal(3, await harness.System.AskAsync<int>(id, "look"));
    }

    [Fact]
    public async Task Timer_ReplacedAfterItWasDue_OldMessageIsNotDelivered()
    {
        await using var harness = new ActorHarness();
        var open = new TaskCompletionSource();
        var seen = new List<object>();
        ActorId id = harness.Add("busy", async (message, context) =>
        {
            seen.Add(message);
            if (message is "set") context.StartTimer("t", Minute, "old");
            if (message is "wait")
            {
                await open.Task;
                context.StartTimer("t", Minute, "new");
            }

            context.Reply("ok");
        });
        await harness.System.AskAsync<string>(id, "set");
        Task<string> waiting = harness.System.AskAsync<string>(id, "wait");
        harness.Time.Advance(Minute);
        open.SetResult();
        await waiting;
        await harness.System.AskAsync<string>(id, "look");
        harness.Time.Advance(Minute);
        await harness.System.AskAsync<string>(id, "look");
        Assert.Equal(["set", "wait", "look", "new", "look"], seen);
    }

    [Fact]
    public async Task Timer_OfAnActorThatFailed_EndsWithIt()
    {
        await using var harness = new ActorHarness();
        var seen = new List<object>();
        ActorId id = harness.Add("fails", (message, context) =>
        {
            seen.Add(message);
            if (message is "set") context.StartTimer("t", 2 * Minute, "tick");
            if (message is "fail") throw new FormatException();
            context.Reply("ok");
            return default;
        });
        await harness.System.AskAsync<string>(id, "set");
        harness.System.Tell(id, "fail");
        Task<string> look = harness.System.AskAsync<string>(id, "look");
        while (!look.IsCompleted)
        {
            harness.Time.Advance(Minute);
            await Task.Yield();
        }

        harness.Time.Advance(5 * Minute);
        Assert.Equal("ok", await harness.System.AskAsync<string>(id, "look"));
        Assert.DoesNotContain("tick", seen);
    }

    [Fact]
    public async Task DeadLetters_MoreThanAreKept_AreTheLatest()
    {
        await using var system = new ActorSystem(new ActorSystemOptions { KeptDeadLetters = 2 });
        system.Register("fails", _ => new ActorHarness.LambdaActor((_, _) => throw new FormatException()), new() { MaxRestarts = 0 });
        for (int i = 0; i < 5; i++)
        {
            system.Tell(new ActorId("fails", "1"), i);
            await system.StopAsync(new ActorId("fails", "1"));
        }

        Assert.Equal([3, 4], system.DeadLetters.Select(letter => letter.Message));
    }

    [Fact]
    public async Task Transport_TwoSystems_TellAskAndSeeCyclesAcross()
    {
        var wire = new Wire();
        await using var left = new ActorSystem(new ActorSystemOptions { Transport = wire.From("left") });
        await using var right = new ActorSystem(new ActorSystemOptions { Transport = wire.From("right") });
        (wire.Left, wire.Right) = (left, right);
        ActorId ping = new("left", "1"), pong = new("right", "1");
        left.Register("left", _ => new ActorHarness.LambdaActor(async (message, context) =>
            context.Reply(await context.AskAsync<string>(pong, message))));
        right.Register("right", _ => new ActorHarness.LambdaActor(async (message, context) =>
            context.Reply(message is "back" ? await context.AskAsync<string>(ping, "x") : $"{message}!")));
        Assert.Equal("hello!", await left.AskAsync<string>(ping, "hello"));
        Assert.Equal("hello!", await left.AskAsync<string>(pong, "hello"));
        var error = await Assert.ThrowsAsync<AskCycleException>(() => left.AskAsync<string>(ping, "back"));
        Assert.Contains("left/1 -> right/1 -> left/1", error.Message);
        left.Tell(new ActorId("right", "lost"), Wire.Lost);
        Assert.Equal(DeadLetterReason.Unreachable, Assert.Single(left.DeadLetters).Reason);
    }

    /// <summary>Counts its messages; after how many actors were made, the test asks.</summary>
    private static (ActorId Id, Func<int> Made) Counter(ActorHarness harness)
    {
        int made = 0;
        ActorId id = harness.AddStateful("counter", () =>
        {
            made++;
            int count = 0;
            return (_, context) =>
            {
                context.Reply(++count);
                return default;
            };
        }, Idle);
        return (id, () => made);
    }

    private sealed class SlowToGo(int number, TaskCompletionSource disposing, TaskCompletionSource goOn) : Actor, IAsyncDisposable
    {
        public override ValueTask ReceiveAsync(object message, ActorContext context)
        {
            context.Reply(number);
            return default;
        }

        public async ValueTask DisposeAsync()
        {
            disposing.TrySetResult();
            await goOn.Task;
        }
    }

    private sealed class Wire
    {
        public const string Lost = "lost";

        public ActorSystem? Left { get; set; }

        public ActorSystem? Right { get; set; }

        public IActorTransport From(string side) => new End(this, side);

        private sealed class End(Wire wire, string side) : IActorTransport
        {
            private ActorSystem Other => side is "left" ? wire.Right! : wire.Left!;

            public bool IsLocal(ActorId id) => id.Kind == side;

            public ValueTask TellAsync(ActorId to, object message, CancellationToken cancellationToken) =>
                message is Lost ? throw new IOException("The wire is cut.") : Other.TellAsync(to, message, cancellationToken);

            public Task<object> AskAsync(ActorId to, object message, IReadOnlyList<ActorId> askers, CancellationToken cancellationToken) =>
                Other.AskFromAsync(to, message, askers, cancellationToken);
        }
    }
}
