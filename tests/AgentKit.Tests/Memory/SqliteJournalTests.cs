using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Microsoft.Data.Sqlite;

namespace AgentKit.Tests.Memory;

public class SqliteJournalTests : JournalContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agentkit-").FullName;

    private string File => Path.Combine(_folder, "state", "journal.db");

    public override async Task DisposeAsync()
    {
        await ((SqliteJournal)Journal).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Open_AfterDispose_HasEverything()
    {
        await Journal.AppendAsync("r", 0, SomeRun.Events);
        await ((SqliteJournal)Journal).DisposeAsync();

        await using var again = SqliteJournal.Open(File, Time);
        RunView? view = await RunView.LoadAsync(again, "r");
        Assert.Equal("865", view?.Answer);
        Assert.Equal([RunStepKind.Model, RunStepKind.Tool, RunStepKind.Tool, RunStepKind.Model], view?.Steps.Select(s => s.Kind));
    }

    [Fact]
    public async Task AppendAsync_AfterDispose_IsRefused()
    {
        await ((SqliteJournal)Journal).DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Journal.AppendAsync("r", 0, SomeRun.Events).AsTask());
    }

    [Fact]
    public async Task DisposeAsync_AppendsStillWaiting_AreWritten()
    {
        Task<long>[] appends = [.. Enumerable.Range(0, 300).Select(i => Journal.AppendAsync($"r{i}", 0, SomeRun.Events).AsTask())];
        await ((SqliteJournal)Journal).DisposeAsync();
        Assert.All(await Task.WhenAll(appends), version => Assert.Equal(7, version));
    }

    [Fact]
    public async Task TwoJournals_OneFile_SeeEachOthersRunsAndConflicts()
    {
        await using var other = SqliteJournal.Open(File, Time);
        await Task.WhenAll(
            Task.Run(() => WriteRunsAsync(Journal, "a")),
            Task.Run(() => WriteRunsAsync(other, "b")));

        Assert.Equal(80, await Journal.ListAsync().CountAsync());
        Assert.Equal(80, await other.ListAsync().CountAsync());
        Assert.Equal("865", (await RunView.LoadAsync(other, "a7"))?.Answer);
        await Assert.ThrowsAsync<JournalConflictException>(() => other.AppendAsync("a7", 1, [SomeRun.Finished]).AsTask());

        static async Task WriteRunsAsync(IJournal journal, string prefix)
        {
            for (int i = 0; i < 40; i++) await journal.AppendAsync($"{prefix}{i}", 0, SomeRun.Events);
        }
    }

    [Fact]
    public async Task ReadAsync_WhileTheConsumerIsSlow_DoesNotBlockWriting()
    {
        await Journal.AppendAsync("r", 0, SomeRun.Events);
        await foreach (JournalRecord record in Journal.ReadAsync("r"))
            await Journal.AppendAsync($"other{record.Version}", 0, SomeRun.Events);
        Assert.Equal(8, await Journal.ListAsync().CountAsync());
    }

    [Fact]
    public async Task ReadAsync_LongRun_ReturnsAllPages()
    {
        await Journal.AppendAsync("r", 0, [SomeRun.Started(), .. Enumerable.Range(1, 600).Select(i => SomeRun.Replied(i))]);
        Assert.Equal(Enumerable.Range(0, 601), (await Journal.ReadAsync("r").ToListAsync()).Select(r => r.Event.Step));
    }

    [Fact]
    public void Open_Folder_IsRefused() => AssertRefused(_folder, "is a folder");

    [Fact]
    public async Task Open_NotADatabase_IsRefused()
    {
        string path = Path.Combine(_folder, "text.db");
        await System.IO.File.WriteAllTextAsync(path, new string('x', 4096));
        AssertRefused(path, "not a SQLite database");
        Assert.Equal(4096, new FileInfo(path).Length);
    }

    [Fact]
    public async Task Open_FolderThatCannotBeMade_IsRefused()
    {
        string file = Path.Combine(_folder, "file");
        await System.IO.File.WriteAllTextAsync(file, "");
        AssertRefused(Path.Combine(file, "journal.db"), "cannot be opened");
    }

    [Fact]
    public void Open_AnotherDatabase_IsRefused()
    {
        string path = Path.Combine(_folder, "other.db");
        Execute(path, "CREATE TABLE t (x)");
        AssertRefused(path, "not an AgentKit journal");
    }

    [Fact]
    public async Task Open_NewerFormat_IsRefused()
    {
        await ((SqliteJournal)Journal).DisposeAsync();
        Execute(File, "PRAGMA user_version = 2");
        AssertRefused(File, "format 2");
    }

    [Fact]
    public async Task ReadAsync_EventOfANewerSchema_IsRefused()
    {
        await Journal.AppendAsync("r", 0, SomeRun.Events);
        Execute(File, "UPDATE events SET schema = 4 WHERE version = 3");
        var error = await Assert.ThrowsAsync<UserInputException>(async () => await Journal.ReadAsync("r").ToListAsync());
        Assert.Contains("schema 4", error.Message);
    }

    [Fact]
    public async Task ReadAsync_DamagedEvent_IsRefused()
    {
        await Journal.AppendAsync("r", 0, SomeRun.Events);
        Execute(File, "UPDATE events SET event = '{}' WHERE version = 3");
        var error = await Assert.ThrowsAsync<UserInputException>(async () => await Journal.ReadAsync("r").ToListAsync());
        Assert.Contains("run r", error.Message);
    }

    [Fact]
    public async Task DisposeAsync_AfterReadsAndWrites_LeavesOneFile()
    {
        await Journal.AppendAsync("r", 0, SomeRun.Events);
        Assert.Equal(7, await Journal.ReadAsync("r").CountAsync());
        Assert.Single(await Journal.ListAsync().ToListAsync());
        await ((SqliteJournal)Journal).DisposeAsync();
        Assert.Equal([File], Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    protected override Task<IJournal> OpenAsync() => Task.FromResult<IJournal>(SqliteJournal.Open(File, Time));

    private static void AssertRefused(string path, string why)
    {
        var error = Assert.Throws<UserInputException>(() => SqliteJournal.Open(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(why, error.Message);
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
