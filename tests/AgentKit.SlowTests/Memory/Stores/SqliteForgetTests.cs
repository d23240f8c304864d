using AgentKit.Memory;
using AgentKit.Memory.Facts;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.Sqlite;
using AgentKit.Testing;
using Microsoft.Data.Sqlite;

namespace AgentKit.SlowTests.Memory.Stores;

public sealed class SqliteForgetTests
{
    [Fact]
    public async Task ForgetAsync_WhileAnotherProgramReads_DoesNotSayThatItIsDone()
    {
        using var folder = new ScratchFolder();
        await using SqliteVectorStore store = SqliteVectorStore.Open(folder["memory.db"]);
        using FactStore facts = await FactStore.OpenAsync(store);
        MemoryScope scope = MemoryScope.Local("facts");
        Fact secret = (await facts.RememberAsync(scope, "The door code is 4711.")).Fact!;
        await using var reader = new SqliteConnection($"Data Source={folder["memory.db"]};Mode=ReadOnly;Pooling=False");
        await reader.OpenAsync();
        await using SqliteTransaction reading = reader.BeginTransaction(deferred: true);
        await using SqliteCommand count = reader.CreateCommand();
        (count.Transaction, count.CommandText) = (reading, "SELECT count(*) FROM records");
        Assert.Equal(1L, await count.ExecuteScalarAsync());

        var refused = await Assert.ThrowsAsync<VectorStoreException>(() => facts.ForgetAsync(scope, [secret.Id]));

        Assert.Contains("another program reads the file", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await facts.ListAsync(scope, history: true));
    }
}
