using System.Collections.Concurrent;
using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

public class MailboxTests
{
    private static readonly ActorKindOptions Two = new() { MailboxCapacity = 2 };

    [Fact]
    public async Task Tell_SeveralMessages_ArriveInOrder()
    {
        var seen = new List<object>();
        await using (var harness = new ActorHarness())
        {
            ActorId id = harness.Add("list", (message, _) => { seen.Add(message); return default; });
            for (int i = 0; i < 1000; i++) harness.System.Tell(id, i);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Cast<object>(), seen);
    }

    [Fact]
    public async Task Tell_ManySenders_OneMessageIsHandledAtATime()
    {
        int inside = 0, most = 0, count = 0;
        await using (var harness = new ActorHarness())
        {
            ActorId id = harness.Add("busy", async (_, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                if (count++ % 3 == 0) await Task.Yield();
                Interlocked.Decrement(ref inside);
            });
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                for (int i = 0; i < 500; i++) await harness.System.TellAsync(id, i);
            })));
        }

        Assert.Equal(1, most);
        Assert.Equal(4000, count);
    }

    [Fact]
    public async Task TellAsync_FullMailbox_SendersWaitAndNothingIsLost()
    {
        var open = new TaskCompletionSource();
        var seen = new ConcurrentQueue<object>();
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("slow", async (message, _) => { await open.Task; seen.Enqueue(message); }, Two);

        Task[] sends = [.. Enumerable.Range(0, 50).Select(i => harness.System.TellAsync(id, i).AsTask())];
        Assert.True(sends.Count(send => !send.IsCompleted) >= 47);
        open.SetResult();
        await Task.WhenAll(sends);
        await harness.DisposeAsync();

        Assert.Equal(Enumerable.Range(0, 50), seen.Cast<int>().Order());
        Assert.Empty(harness.DeadLetters);
    }

    [Fact]
    public async Task Tell_FullMailbox_Throws()
    {
        var open = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("slow", async (_, _) => { started.TrySetResult(); await open.Task; }, Two);
        harness.System.Tell(id, 0);
        await started.Task;
        harness.System.Tell(id, 1);
        harness.System.Tell(id, 2);

        var error = Assert.Throws<MailboxFullException>(() => harness.System.Tell(id, 3));
        Assert.Contains("slow/1", error.Message);
        open.SetResult();
    }

    [Fact]
    public async Task TellAsync_CancelledWhileItWaits_IsNotDelivered()
    {
        var open = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var seen = new List<object>();
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("slow", async (message, _) => { started.TrySetResult(); await open.Task; seen.Add(message); }, Two);
        harness.System.Tell(id, 0);
        await started.Task;
        harness.System.Tell(id, 1);
        harness.System.Tell(id, 2);
        using var cancel = new CancellationTokenSource();
        ValueTask cancelled = harness.System.TellAsync(id, "cancelled", cancel.Token);
        ValueTask waiting = harness.System.TellAsync(id, 3);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.AsTask());
        open.SetResult();
        await waiting;
        await harness.DisposeAsync();

        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public async Task TellAsync_ToItselfWhenFull_FailsInsteadOfWaitingForever()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("loop", async (message, context) =>
        {
            for (int i = 0; i < 3; i++) await context.TellAsync(context.Self, "again");
        }, new ActorKindOptions { MailboxCapacity = 2, MaxRestarts = 0 });

        harness.System.Tell(id, "go");
        await harness.DisposeAsync();

        DeadLetter first = harness.DeadLetters.First();
        Assert.IsType<MailboxFullException>(first.Error);
        Assert.Equal("go", first.Message);
        Assert.Equal(3, harness.DeadLetters.Count);
    }

    [Fact]
    public async Task TellAsync_ToTheAskerWhoseMailboxIsFull_FailsInsteadOfWaitingForever()
    {
        var asked = new TaskCompletionSource();
        var filled = new TaskCompletionSource();
        await using var harness = new ActorHarness();
        ActorId helper = harness.Add("helper", async (message, context) =>
        {
            asked.SetResult();
            await filled.Task;
            try
            {
                await context.TellAsync((ActorId)message, "progress");
                context.Reply("sent");
            }
            catch (MailboxFullException)
            {
                context.Reply("refused");
            }
        });
        ActorId asker = harness.Add("asker", async (message, context) =>
        {
            if (message is "go") context.Reply(await context.AskAsync<string>(helper, context.Self));
        }, Two);

        Task<string> answer = harness.System.AskAsync<string>(asker, "go");
        await asked.Task;
        for (int i = 0; i < Two.MailboxCapacity; i++) harness.System.Tell(asker, "fill");
        filled.SetResult();
        Assert.Equal("refused", await answer);
    }

    [Fact]
    public async Task TellAsync_TwoActorsWithFullMailboxesTellEachOther_OneOfThemFails()
    {
        var bothFull = new TaskCompletionSource();
        await using var harness = new ActorHarness();
        var options = new ActorKindOptions { MailboxCapacity = 1, MaxRestarts = 0 };
        ActorId left = new("left", "1"), right = new("right", "1");
        foreach ((ActorId self, ActorId other) in new[] { (left, right), (right, left) })
        {
            harness.Add(self.Kind, async (message, context) =>
            {
                if (message is not "go") return;
                await bothFull.Task;
                await context.TellAsync(other, "hello");
            }, options);
            harness.System.Tell(self, "go");
        }

        // The first fill waits until "go" is in work, the second until there is no more room.
        foreach (ActorId id in new[] { left, right }) await harness.System.TellAsync(id, "fill");
        bothFull.SetResult();
        await harness.DisposeAsync();

        Assert.Contains(harness.DeadLetters, letter => letter.Error is MailboxFullException && letter.Message is "go");
    }
}
