using System.Threading.Channels;
using AgentKit.Kernel.Actors;
using AgentKit.Memory.Journal;
using AgentKit.Testing;
using AgentKit.Tests.Kernel;

namespace AgentKit.Tests.Memory;

public sealed class DurableTimersTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Channel<DurableTimer> _woken = Channel.CreateUnbounded<DurableTimer>();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Timer_SetByAProcessThatIsGone_WakesItsActorInTheNext()
    {
        DurableTimer timer;
        await using (ActorHarness first = Harness())
        await using (var timers = new DurableTimers(first.System, Store(), "sleeper"))
        {
            timer = new DurableTimer(new ActorId("sleeper", "1"), "wake", first.Time.GetUtcNow().AddHours(1), "good morning");
            await timers.SetAsync(timer);
        }

        await using ActorHarness second = Harness();
        second.Time.Advance(TimeSpan.FromHours(2));
        await using (new DurableTimers(second.System, Store(), "sleeper")) Assert.Equal(timer, await _woken.Reader.ReadAsync());
        Assert.Equal(0, _woken.Reader.Count);
    }

    [Fact]
    public async Task Timer_DueWhileWatched_WakesItsActorThenAndIsGone()
    {
        await using ActorHarness harness = Harness();
        await using var timers = new DurableTimers(harness.System, Store(), "sleeper");
        var timer = new DurableTimer(new ActorId("sleeper", "1"), "wake", harness.Time.GetUtcNow().AddSeconds(90), "now");
        await timers.SetAsync(timer);
        Task<DurableTimer> woken = _woken.Reader.ReadAsync().AsTask();
        for (int second = 0; second < 89; second++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.False(woken.IsCompleted);
        while (!woken.IsCompleted)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(timer, await woken);
        while (await Store().DueAsync("sleeper", DateTimeOffset.MaxValue).AnyAsync()) await Task.Yield();
    }

    [Fact]
    public async Task Store_SetAgainAndRemoved_KeepsTheLatest()
    {
        SqliteTimerStore store = Store();
        var timer = new DurableTimer(new ActorId("sleeper", "1"), "wake", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "one");
        await store.SetAsync(timer);
        await store.SetAsync(timer with { Due = timer.Due.AddDays(1), Text = "two" });
        await store.SetAsync(timer with { Name = "other", Text = "three" });
        await store.SetAsync(timer with { Actor = new ActorId("watcher", "1") });
        Assert.False(await store.RemoveAsync(timer with { Due = timer.Due.AddDays(9) }));
        Assert.Equal(["three", "two"], (await store.DueAsync("sleeper", DateTimeOffset.MaxValue).ToListAsync()).Select(t => t.Text));
        Assert.Equal(["three"], (await store.DueAsync("sleeper", timer.Due).ToListAsync()).Select(t => t.Text));
        Assert.True(await store.RemoveAsync(timer with { Due = timer.Due.AddDays(1) }));
        Assert.Single(await store.DueAsync("sleeper", DateTimeOffset.MaxValue).ToListAsync());
    }

    [Fact]
    public async Task Set_TimerOfAnotherKind_IsRefused()
    {
        await using ActorHarness harness = Harness();
        await using var timers = new DurableTimers(harness.System, Store(), "sleeper");
        await Assert.ThrowsAsync<ArgumentException>(
            () => timers.SetAsync(new DurableTimer(new ActorId("other", "1"), "t", harness.Time.GetUtcNow(), "")).AsTask());
    }

    private SqliteTimerStore Store() => new(_folder["journal.db"]);

    private ActorHarness Harness()
    {
        var harness = new ActorHarness();
        harness.Add("sleeper", (message, context) =>
        {
            _woken.Writer.TryWrite((DurableTimer)message);
            context.Reply("awake");
            return default;
        });
        return harness;
    }
}
