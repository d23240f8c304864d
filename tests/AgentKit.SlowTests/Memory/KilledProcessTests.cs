using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.SlowTests.Memory;

public sealed class KilledProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agentkit-").FullName;

    private string File => Path.Combine(_folder, "journal.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kill_WhileToolsRun_ShowsWhatIsKnownAndWhatIsNot()
    {
        using (VictimProcess agent = VictimProcess.StartAgent(File, "r"))
        {
            // The quick tool of the batch is done, the other one hangs.
            var said = new HashSet<string?> { await agent.ReadLineAsync(), await agent.ReadLineAsync() };
            Assert.Equal(["added", "hanging"], said.Order());
            await using (var live = SqliteJournal.Open(File)) Assert.Equal(RunStatus.Running, (await live.ListAsync().SingleAsync()).Status);
            await agent.KillAsync();
        }

        await using var journal = SqliteJournal.Open(File);
        Assert.Equal(RunStatus.Interrupted, (await journal.ListAsync().SingleAsync()).Status);
        RunView run = (await RunView.LoadAsync(journal, "r"))!;
        Assert.Equal(RunStatus.Interrupted, run.Status);
        Assert.Equal(
            [(RunStepKind.Model, null, null, false), (RunStepKind.Tool, "add", "3", false), (RunStepKind.Model, null, null, false),
                (RunStepKind.Tool, "hang", null, true), (RunStepKind.Tool, "add", "7", false)],
            run.Steps.Select(s => (s.Kind, s.Name, s.Kind is RunStepKind.Tool ? s.Result : null, s.OutcomeUnknown)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(200)]
    public async Task Kill_WhileTwoProcessesAppend_KeepsEverythingThatWasPromised(int promises)
    {
        var promised = new Dictionary<string, long>();
        using (VictimProcess left = VictimProcess.StartAppending(File, "left"))
        using (VictimProcess right = VictimProcess.StartAppending(File, "right"))
        {
            foreach (VictimProcess process in (VictimProcess[])[left, right])
            {
                for (int i = 0; i < promises; i++) Note(promised, await process.ReadLineAsync());
            }

            // Cut-off last lines were not promised: a reader could not have understood them either.
            foreach (string rest in await Task.WhenAll(left.KillAsync(), right.KillAsync()))
            {
                foreach (string line in rest.Split('\n')[..^1]) Note(promised, line);
            }
        }

        await using var journal = SqliteJournal.Open(File);
        foreach ((string run, long version) in promised)
        {
            List<JournalRecord> records = await journal.ReadAsync(run).ToListAsync();
            Assert.True(records.Count >= version, $"{run}: {records.Count} events of {version} promised");
            Assert.Equal(Enumerable.Range(1, records.Count).Select(i => (long)i), records.Select(r => r.Version));
        }

        Assert.True(promised.Count >= 2);
        Assert.All(await journal.ListAsync().ToListAsync(), run => Assert.Equal(RunStatus.Interrupted, run.Status));
        string last = promised.Keys.Last();
        long next = await journal.ReadAsync(last).CountAsync();
        Assert.Equal(next + 1, await journal.AppendAsync(last, next, [new AgentEvent.RunFinished(RunStatus.Failed, null, "error", "killed")]));
    }

    private static void Note(Dictionary<string, long> promised, string? line)
    {
        string[] parts = line!.Split(' ');
        promised[parts[0]] = long.Parse(parts[1]);
    }
}
