using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Memory;

/// <summary>What every journal promises; each implementation runs these tests.</summary>
public abstract class JournalContract : IAsyncLifetime
{
    protected FakeTimeProvider Time { get; } = new();

    protected IJournal Journal { get; private set; } = null!;

    public async Task InitializeAsync() => Journal = await OpenAsync();

    public abstract Task DisposeAsync();

    [Fact]
    public async Task AppendAsync_ThenRead_ReturnsTheEventsInOrder()
    {
        Assert.Equal(1, await Journal.AppendAsync("r", 0, [SomeRun.Events[0]]));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, await Journal.AppendAsync("r", 1, [.. SomeRun.Events.Skip(1)]));

        List<JournalRecord> records = await Journal.ReadAsync("r").ToListAsync();
        Assert.Equal(Enumerable.Range(1, 7).Select(i => (long)i), records.Select(r => r.Version));
        Assert.All(records, r => Assert.Equal(("r", EventJson.Schema), (r.RunId, r.Schema)));
        Assert.Equal(TimeSpan.FromSeconds(1), records[1].At - records[0].At);
        Assert.Equal(SomeRun.Events.Select(EventJson.Write), records.Select(r => EventJson.Write(r.Event)));
    }

    [Fact]
    public async Task ReadAsync_UnknownRun_IsEmpty() => Assert.Empty(await Journal.ReadAsync("nothing").ToListAsync());

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task AppendAsync_OtherVersionThanExpected_IsRefusedAndChangesNothing(long expected)
    {
        await Journal.AppendAsync("r", 0, [SomeRun.Started()]);
        var error = await Assert.ThrowsAsync<JournalConflictException>(
            () => Journal.AppendAsync("r", expected, [SomeRun.Started("other")]).AsTask());
        Assert.Contains("version 1", error.Message);
        Assert.Single(await Journal.ReadAsync("r").ToListAsync());
    }

    [Fact]
    public async Task AppendAsync_AgainstTheRules_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync("r", 0, []).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync("r", 0, [new AgentEvent.TextDelta(1, "x")]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.AppendAsync("r", 0, [SomeRun.Finished]).AsTask());
        Assert.Empty(await Journal.ListAsync().ToListAsync());
    }

    [Fact]
    public async Task AppendAsync_CancelledBefore_WritesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Journal.AppendAsync("r", 0, [SomeRun.Started()], new CancellationToken(canceled: true)).AsTask());
        Assert.Empty(await Journal.ReadAsync("r").ToListAsync());
    }

    [Fact]
    public async Task ListAsync_NewestFirst_WithLiveStatus()
    {
        await Journal.AppendAsync("dead", 0, [SomeRun.Started(owner: $"{Environment.MachineName}/1/never")]);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Journal.AppendAsync("live", 0, [SomeRun.Started(owner: ProcessOwner.Current), SomeRun.Replied()]);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Journal.AppendAsync("done", 0, SomeRun.Events);
        await Journal.AppendAsync("done-too", 0, SomeRun.Events);

        List<RunSummary> runs = await Journal.ListAsync().ToListAsync();

        Assert.Equal(["done-too", "done", "live", "dead"], runs.Select(r => r.RunId));
        Assert.Equal(
            [RunStatus.Completed, RunStatus.Completed, RunStatus.Running, RunStatus.Interrupted], runs.Select(r => r.Status));
        Assert.Equal([4, 4, 1, 0], runs.Select(r => r.Steps));
        Assert.Equal(("agent", "What is 347 plus 518?"), (runs[0].Agent, runs[0].Task));
        Assert.Equal(Time.GetUtcNow(), runs[0].Started);
    }

    [Fact]
    public async Task AppendAsync_ManyRunsAtOnce_EveryRunIsGaplessAndInItsOrder()
    {
        await Task.WhenAll(Enumerable.Range(0, 32).Select(run => Task.Run(async () =>
        {
            long version = await Journal.AppendAsync($"r{run}", 0, [SomeRun.Started()]);
            for (int i = 1; i <= 20; i++) version = await Journal.AppendAsync($"r{run}", version, [SomeRun.Replied(i)]);
        })));

        for (int run = 0; run < 32; run++)
        {
            List<JournalRecord> records = await Journal.ReadAsync($"r{run}").ToListAsync();
            Assert.Equal(Enumerable.Range(0, 21), records.Select(r => r.Event.Step));
            Assert.Equal(Enumerable.Range(1, 21).Select(i => (long)i), records.Select(r => r.Version));
        }
    }

    [Fact]
    public async Task AppendAsync_ManyWritersOfOneRun_OneWinsEachVersion()
    {
        await Journal.AppendAsync("r", 0, [SomeRun.Started()]);
        int[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            int wins = 0;
            for (long version = 1; version <= 25; version++)
            {
                try
                {
                    await Journal.AppendAsync("r", version, [SomeRun.Replied((int)version)]);
                    wins++;
                }
                catch (JournalConflictException)
                {
                    continue;
                }
            }

            return wins;
        })));

        List<JournalRecord> records = await Journal.ReadAsync("r").ToListAsync();
        Assert.Equal(25, won.Sum());
        Assert.Equal(26, records.Count);
        Assert.Equal(Enumerable.Range(0, records.Count), records.Select(r => r.Event.Step));
    }

    [Fact]
    public async Task ListAsync_MoreThanOnePage_ListsEveryRunOnce()
    {
        for (int i = 0; i < 600; i += 100)
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => Journal.AppendAsync($"r{n:d3}", 0, [SomeRun.Started()]).AsTask()));
        List<RunSummary> runs = await Journal.ListAsync().ToListAsync();
        Assert.Equal(Enumerable.Range(0, 600).Reverse().Select(n => $"r{n:d3}"), runs.Select(r => r.RunId));
    }

    protected abstract Task<IJournal> OpenAsync();
}
