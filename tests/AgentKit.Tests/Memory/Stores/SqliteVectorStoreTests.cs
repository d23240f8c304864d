using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.Sqlite;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Memory.Stores;

public sealed class SqliteVectorStoreTests : VectorStoreContract
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task DeleteAsync_LeavesNoTraceInTheFiles()
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(200));
        await Collection.UpsertAsync(Scope, SomeRecords.One("k-xylophone", "the xylophone of Zebediah", null, ("kind", "quasar"), ("note", "kumquat")));
        Assert.Contains("xylophon", Content(), StringComparison.OrdinalIgnoreCase);

        await Collection.DeleteAsync(Scope, MetadataFilter.Is("kind", "quasar"));

        string left = Content();
        Assert.All(["xylophon", "zebediah", "quasar", "kumquat"], word => Assert.DoesNotContain(word, left, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(200, await Collection.CountAsync(Scope));
    }

    [Fact]
    public async Task Open_OfAnotherDatabase_SaysSo()
    {
        string path = _folder["journal.db"];
        await AgentKit.Memory.Journal.SqliteJournal.Open(path).DisposeAsync();
        var error = Assert.Throws<UserInputException>(() => SqliteVectorStore.Open(path));
        Assert.Contains("not an AgentKit store", error.Message, StringComparison.Ordinal);
    }

    private protected override Task<VectorStore> OpenAsync() => Task.FromResult<VectorStore>(SqliteVectorStore.Open(_folder["store.db"]));

    private protected override Task CloseAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private string Content()
    {
        var content = new StringBuilder();
        foreach (string file in Directory.EnumerateFiles(_folder.Path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            content.Append(reader.ReadToEnd());
        }

        return content.ToString();
    }
}
