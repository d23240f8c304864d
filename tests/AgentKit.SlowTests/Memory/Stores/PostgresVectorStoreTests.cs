using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.Postgres;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Memory.Stores;

public sealed class PostgresVectorStoreTests(PostgresServer server) : VectorStoreContract, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task SearchAsync_FilterThatFarVectorsPass_FindsThemPastTheLimitOfTheIndex()
    {
        // What passes lies opposite to the query: the index meets it last.
        VectorStoreRecord[] near = [.. SomeRecords.Many(1500).Select(record => record with { Vector = Towards(record, 1) })];
        VectorStoreRecord[] far = [.. SomeRecords.Many(15, seed: 9).Select(record => record with { Key = $"far{record.Key}", Vector = Towards(record, -1), Data = Far })];
        await Collection.UpsertAsync(Scope, [.. near, .. far]);
        var options = new VectorSearchOptions { Filter = MetadataFilter.Is("kind", "far") };
        Assert.Equal(10, (await Collection.SearchAsync(Scope, SomeRecords.Axis(0), 10, options)).Count);
    }

    [Theory]
    [InlineData("http://host/db", "no URL")]
    [InlineData("Nonsense=1", "not understood")]
    public void Open_NoAddress_SaysWhatIsExpected(string address, string expected)
    {
        var error = Assert.Throws<UserInputException>(() => PostgresVectorStore.Open(address));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatIsNotThere_IsAStoreException()
    {
        await using PostgresVectorStore store = PostgresVectorStore.Open("postgres://nobody:secret@127.0.0.1:1/none?sslmode=disable");
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => store.GetCollection(SomeRecords.Shape("any")).CollectionExistsAsync());
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Equal("postgresql", error.VectorStoreSystemName);
    }

    private protected override Task<VectorStore> OpenAsync() => Task.FromResult<VectorStore>(PostgresVectorStore.Open(server.Address, server.Schema));

    private static Dictionary<string, object> Far { get; } = new() { ["kind"] = "far" };

    private static float[] Towards(VectorStoreRecord record, float side) => [side * 5, .. record.Vector.ToArray()[1..]];
}
