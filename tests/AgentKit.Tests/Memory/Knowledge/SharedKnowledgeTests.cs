using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Shared;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class SharedKnowledgeTests : IAsyncLifetime
{
    private static readonly MemoryScope Scope = MemoryScope.Local("handbook");

    private readonly ScratchFolder _folder = new();
    private readonly InMemoryVectorStore _store = new();
    private KnowledgeBase _knowledge = null!;
    private SharedKnowledge _shared = null!;

    public async Task InitializeAsync()
    {
        _folder.Write("docs/guide.md", "# Guide\n\n## Resuming\n\nInterrupted runs are resumed from the journal.\n\n## Same\n\nTwice.\n\n## Same\n\nTwice.\n");
        _folder.Write("docs/walrus.txt", "Walrus facts: tusks.");
        _knowledge = KnowledgeBase.Open(_folder["handbook.db"], new KnowledgeOptions { Embedder = new LexicalEmbedder() });
        _shared = await SharedKnowledge.OpenAsync(_store, new KnowledgeOptions { Embedder = new LexicalEmbedder() });
        await _knowledge.IngestAsync(Scope, [_folder["docs"]], new Dictionary<string, string> { ["team"] = "a" });
    }

    public async Task DisposeAsync()
    {
        _knowledge.Dispose();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Publish_ThenSearch_FindsWhatTheKnowledgeBaseFinds()
    {
        await PublishAsync();
        Hit expected = (await _knowledge.SearchAsync(Scope, "how are runs resumed"))[0];
        Hit hit = (await _shared.SearchAsync(Scope, "how are runs resumed"))[0];
        Assert.Equal(
            (expected.Source, expected.Heading, expected.Start, expected.End, expected.Text, expected.ChunkHash, expected.DocumentHash),
            (hit.Source, hit.Heading, hit.Start, hit.End, hit.Text, hit.ChunkHash, hit.DocumentHash));
        Assert.Empty(await _shared.SearchAsync(MemoryScope.Local("other"), "how are runs resumed"));
    }

    [Fact]
    public async Task Publish_Again_SendsOnlyWhatDiffers()
    {
        PublishReport first = await PublishAsync();
        Assert.Equal(first.Chunks, first.Sent);
        Assert.Equal((first.Chunks, 0, 0), await PublishAsync() is var again ? (again.Chunks, again.Sent, again.Removed) : default);

        File.Delete(_folder["docs/walrus.txt"]);
        _folder.Write("docs/new.txt", "A zebra.");
        await _knowledge.IngestAsync(Scope, [_folder["docs"]], new Dictionary<string, string> { ["team"] = "a" });
        PublishReport changed = await PublishAsync();
        Assert.Equal((1, 1), (changed.Sent, changed.Removed));
        Assert.Empty(await _shared.SearchAsync(Scope, "walrus", new SearchOptions { Mode = SearchMode.Keyword }));
        Assert.Single(await _shared.SearchAsync(Scope, "zebra", new SearchOptions { Mode = SearchMode.Keyword }));
    }

    [Theory]
    [InlineData("team", "a", 1)]
    [InlineData("team", "b", 0)]
    [InlineData("kind", "txt", 1)]
    [InlineData("kind", "md", 0)]
    public async Task Search_WithAFilter_HoldsToIt(string field, string value, int count)
    {
        await PublishAsync();
        var options = new SearchOptions { Mode = SearchMode.Keyword, Filter = MetadataFilter.Is(field, value) };
        Assert.Equal(count, (await _shared.SearchAsync(Scope, "walrus", options)).Count);
    }

    [Fact]
    public async Task Open_EmbeddersWithNamesAlike_HaveCollectionsOfTheirOwn()
    {
        string[] names = ["a-model-with-a-long-name-that-is-cut/1", "a-model-with-a-long-name-that-is-cut/2", "m/1", "m_1", "M/1", "lexical-1"];
        foreach (string name in names)
        {
            SharedKnowledge shared = await SharedKnowledge.OpenAsync(_store, new KnowledgeOptions { Embedder = new LexicalEmbedder(), EmbedderName = name });
            await shared.PublishAsync(Scope, _folder["handbook.db"], Scope);
        }

        IReadOnlyList<string> collections = await _store.ListCollectionNamesAsync();
        Assert.Equal(names.Length, collections.Count);
        Assert.Contains("knowledge_lexical_1", collections);
    }

    [Fact]
    public async Task Search_WhatIsNotOffered_IsRefused()
    {
        await PublishAsync();
        await Assert.ThrowsAsync<UserInputException>(() => _shared.SearchAsync(Scope, "walrus", new SearchOptions { ExpandTo = 1000 }));
        await Assert.ThrowsAsync<UserInputException>(() =>
            _shared.SearchAsync(Scope, "walrus", new SearchOptions { Filter = new MetadataFilter.Range("size") }));
    }

    private Task<PublishReport> PublishAsync() => _shared.PublishAsync(Scope, _folder["handbook.db"], Scope);
}
