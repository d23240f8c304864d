using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Tests.Memory;

/// <summary>
/// Journals as released versions wrote them. Each must load for ever: a file is added with every change of format, and none is ever written
/// anew.
/// </summary>
public class GoldenJournalTests
{
    [Theory]
    [InlineData("journal-v1.db")]
    [InlineData("journal-v2.db")]
    [InlineData("journal-v3.db")]
    public async Task Open_JournalOfAReleasedVersion_LoadsAndGrows(string file)
    {
        // Schema 1 had no other kinds than these; what its records do not say reads as the careful default.
        IReadOnlyList<AgentEvent> events = file switch
        {
            "journal-v1.db" => SomeRun.Events,
            "journal-v2.db" => SomeRun.EveryKind,
            _ => SomeRun.EveryMember,
        };
        // A copy, because opening a journal writes beside it.
        string folder = Directory.CreateTempSubdirectory("agentkit-").FullName;
        string path = Path.Combine(folder, file);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Memory", "Golden", file), path);
        await using (var journal = SqliteJournal.Open(path))
        {
            RunSummary run = Assert.Single(await journal.ListAsync().ToListAsync());
            Assert.Equal(("20260102-030405-golden", RunStatus.Completed, 4), (run.RunId, run.Status, run.Steps));
            Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), run.Started);

            List<JournalRecord> records = await journal.ReadAsync(run.RunId).ToListAsync();
            Assert.Equal(events.Select(EventJson.Write), records.Select(r => EventJson.Write(r.Event)));
            Assert.Equal(events.Count + 1, await journal.AppendAsync(run.RunId, events.Count, [SomeRun.Replied(5)]));
        }

        Directory.Delete(folder, recursive: true);
    }
}
