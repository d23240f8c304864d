using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Stores;
using AgentKit.Memory.Stores.Qdrant;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Memory.Stores;

/// <summary>
/// Against the server of <c>AGENTKIT_TEST_QDRANT</c> when that is set, else one in memory that holds every request and reply to the published
/// contract.
/// </summary>
public sealed class QdrantVectorStoreTests : VectorStoreContract
{
    private readonly QdrantContractServer _server = new();

    protected override bool KnowsMeanLength => false;

    [Fact]
    public async Task EnsureCollectionExistsAsync_IndexesEveryFieldThatAFilterMayName()
    {
        await using QdrantVectorStore store = Open(_server);
        await store.GetCollection(SomeRecords.Shape("indexed")).EnsureCollectionExistsAsync();
        Assert.Equal(5, _server.Requests.Count(request => request == "PUT /collections/agentkit_indexed/index"));
    }

    [Theory]
    [InlineData("1.9.7")]
    [InlineData("unknown")]
    public async Task EnsureCollectionExistsAsync_ServerThatIsTooOld_SaysSo(string version)
    {
        using var server = new QdrantContractServer { Version = version };
        await using QdrantVectorStore store = Open(server);
        var error = await Assert.ThrowsAsync<UserInputException>(() => store.GetCollection(SomeRecords.Shape("old")).EnsureCollectionExistsAsync());
        Assert.Contains(version, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Id_IsUuidVersion5AndDiffersByScopeAndKey()
    {
        Guid id = QdrantPoint.Id(Scope, "a");
        Assert.Equal(id, QdrantPoint.Id(new MemoryScope("acme", "notes", "ann", "helper"), "a"));
        Assert.Equal(5, id.Version);
        Assert.Equal(8, id.Variant & 0xC);
        Assert.Equal(4, new[] { id, QdrantPoint.Id(Scope, "b"), QdrantPoint.Id(MemoryScope.Local("a"), "a"), QdrantPoint.Id(MemoryScope.Local("b"), "a") }.Distinct().Count());
    }

    [Fact]
    public async Task Collection_WithoutVectors_IsSearchedByKeyword()
    {
        await using VectorStore store = await OpenAsync();
        VectorStoreCollection collection = store.GetCollection(new VectorStoreCollectionDefinition($"k{Guid.NewGuid():N}", 0));
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(Scope, [new VectorStoreRecord { Key = "a", Text = "the harbour" }, new VectorStoreRecord { Key = "b" }]);
        Assert.Equal("a", Assert.Single(await collection.KeywordSearchAsync(Scope, "harbours", 5)).Record.Key);
        await collection.EnsureCollectionDeletedAsync();
    }

    [QdrantContractFact]
    public void Contract_OnWrongBodies_FindsTheFault()
    {
        OpenApiContract contract = QdrantContractServer.Contract!;
        (string Path, string Body, string Fault)[] wrong =
        [
            ("/collections/c/points/query", """{"query":[1],"usin":"dense"}""", "usin"),
            ("/collections/c/points/query", """{"limit":0}""", "limit"),
            ("/collections/c/points", """{"ids":["no uuid"]}""", "ids"),
            ("/collections/c/points/count", """{"filter":{"musst":[]}}""", "musst"),
            ("/collections/c/points/search", """{"vector":[1],"limit":1}""", "not in the contract"),
        ];
        foreach ((string path, string body, string fault) in wrong)
        {
            var error = Assert.Throws<InvalidDataException>(() => contract.Request(HttpMethod.Post, path, "", JsonElement.Parse(body)));
            Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        }
    }

    private protected override Task<VectorStore> OpenAsync() => Task.FromResult<VectorStore>(
        Environment.GetEnvironmentVariable("AGENTKIT_TEST_QDRANT") is { Length: > 0 } live
            ? QdrantVectorStore.Open(live, Environment.GetEnvironmentVariable("QDRANT_API_KEY"))
            : Open(_server));

    private static QdrantVectorStore Open(QdrantContractServer server) =>
        QdrantVectorStore.Open(new HttpClient(server, disposeHandler: false) { BaseAddress = new Uri("http://qdrant.test:6333") });
}
