using AgentKit.Memory;
using AgentKit.Memory.Sqlite;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.Sqlite;
using AgentKit.Testing;
using Microsoft.Data.Sqlite;

namespace AgentKit.Tests.Memory.Stores;

public sealed class ScopeVectorCacheTests : IDisposable
{
    private const int Dimensions = 256;
    private const int Rows = 10;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trim_MoreThanThereIsRoomFor_LetsGoOfWhatWasSearchedLongestAgo()
    {
        await using SqliteVectorStore store = SqliteVectorStore.Open(_folder["s.db"]);
        VectorStoreCollection records = store.GetCollection(new VectorStoreCollectionDefinition("notes", Dimensions));
        await records.EnsureCollectionExistsAsync();
        for (int scope = 0; scope < 3; scope++)
        {
            await records.UpsertAsync(MemoryScope.Local($"s{scope}"), Enumerable.Range(0, Rows).Select(i => new VectorStoreRecord
            {
                Key = $"{i}", Text = "", Vector = new float[Dimensions].Select((_, j) => j == i ? 1f : 0).ToArray(),
            }));
        }

        var cache = new ScopeVectorCache(Rows * Dimensions * sizeof(float) * 5 / 2);
        ScopeVectors first = Search(cache, 1);
        ScopeVectors second = Search(cache, 2);
        Assert.Same(first, Search(cache, 1));
        Search(cache, 3);
        Assert.Same(first, Search(cache, 1));
        Assert.NotSame(second, Search(cache, 2));
        Assert.InRange(first.Bytes, Rows * Dimensions * sizeof(float), 2 * Rows * Dimensions * sizeof(float));
    }

    private ScopeVectors Search(ScopeVectorCache cache, long scope)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(_folder["s.db"]);
        ScopeVectors vectors = cache.Of(scope);
        Assert.Single(vectors.Nearest(connection, [1, .. new float[Dimensions - 1]], 1, null));
        cache.Trim();
        return vectors;
    }
}
