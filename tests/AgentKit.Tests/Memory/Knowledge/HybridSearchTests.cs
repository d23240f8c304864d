using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class HybridSearchTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _folder = new();
    private readonly KnowledgeBase _knowledge;

    public HybridSearchTests() => _knowledge = Open(new LexicalEmbedder());

    public void Dispose()
    {
        _knowledge.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Search_MisspelledWord_IsFoundByVectorsOnly()
    {
        await IngestAsync(("a", "embedding generators"), ("b", "walrus tusks"));
        Assert.Empty(await SearchAsync("walrusses", SearchMode.Keyword));
        Assert.Equal("b", (await SearchAsync("walrusses", SearchMode.Dense))[0].Source);
        Assert.Equal("b", (await SearchAsync("walrusses", null))[0].Source);
    }

    [Fact]
    public async Task Status_TellsWhatMadeTheVectors()
    {
        await IngestAsync(("a", "one"), ("b", "two"));
        KnowledgeStatus status = await _knowledge.StatusAsync(Scope);
        Assert.Equal((LexicalEmbedder.Name, 2), (status.Embedder, status.Vectors));
    }

    [Fact]
    public async Task Ingest_AfterAChange_SearchesTheNewVectors()
    {
        await IngestAsync(("a", "walrus"), ("b", "hare"));
        Assert.Equal(["a", "b"], (await SearchAsync("walrus", SearchMode.Dense)).Select(hit => hit.Source));
        await IngestAsync(("a", "otter"), ("c", "walrus"));
        Assert.Equal("c", (await SearchAsync("walrus", SearchMode.Dense))[0].Source);
        await _knowledge.RemoveAsync(Scope, "c");
        Assert.DoesNotContain(await SearchAsync("walrus", SearchMode.Dense), hit => hit.Source == "c");
        Assert.Equal(2, (await _knowledge.StatusAsync(Scope)).Vectors);
    }

    [Fact]
    public async Task Ingest_FromSoManyVectorsOn_LinksThemAndSearchFollowsTheLinksAlsoAfterAChange()
    {
        using KnowledgeBase linked = KnowledgeBase.Open(
            _folder["linked.db"], new KnowledgeOptions { Embedder = new LexicalEmbedder(), LinkFrom = 200 });
        var phases = new ReportedPhases();
        SourceText[] texts = [.. Enumerable.Range(0, 300).Select(i => new SourceText($"{i}", $"walrus{i} tusk{i % 7}"))];
        await linked.IngestAsync(Scope, texts[..150], progress: phases);
        Assert.DoesNotContain(IngestPhase.Linking, phases.Seen);
        await linked.IngestAsync(Scope, texts, new Dictionary<string, string> { ["part"] = "all" }, phases);
        Assert.Contains(IngestPhase.Linking, phases.Seen);
        Assert.Equal("217", (await linked.SearchAsync(Scope, "walrus217", new SearchOptions { Mode = SearchMode.Dense }))[0].Source);
        await linked.RemoveAsync(Scope, "217");
        Assert.DoesNotContain(await linked.SearchAsync(Scope, "walrus217", new SearchOptions { Mode = SearchMode.Dense }), hit => hit.Source == "217");
        await linked.IngestAsync(Scope, [new SourceText("new", "walrus217 again")]);
        Assert.Equal("new", (await linked.SearchAsync(Scope, "walrus217 again", new SearchOptions { Mode = SearchMode.Dense }))[0].Source);
        var onlyNew = new SearchOptions { Mode = SearchMode.Dense, Filter = new MetadataFilter.Not(MetadataFilter.Is("part", "all")) };
        Assert.Equal(["new"], (await linked.SearchAsync(Scope, "walrus3", onlyNew)).Select(hit => hit.Source));
    }

    [Fact]
    public async Task Ingest_OnlyNewChunks_AreEmbedded()
    {
        var counting = new CountingEmbedder();
        using KnowledgeBase knowledge = Open(counting);
        await knowledge.IngestAsync(Scope, [new SourceText("a", "# A\n\none\n\n# B\n\ntwo") { Kind = "md" }]);
        Assert.Equal(2, counting.Texts);
        await knowledge.IngestAsync(Scope, [new SourceText("a", "# A\n\none\n\n# B\n\nother") { Kind = "md" }]);
        Assert.Equal(3, counting.Texts);
    }

    [Fact]
    public async Task Search_WithAnotherEmbedder_IsRefusedAndAddingMakesAllVectorsAnew()
    {
        await IngestAsync(("a", "walrus"));
        using KnowledgeBase other = Open(new CountingEmbedder());
        var e = await Assert.ThrowsAsync<UserInputException>(() => other.SearchAsync(Scope, "walrus"));
        Assert.Contains("'lexical-1'", e.Message, StringComparison.Ordinal);
        await other.IngestAsync(Scope, [new SourceText("b", "hare")]);
        Assert.Equal(2, (await other.SearchAsync(Scope, "walrus", new SearchOptions { Mode = SearchMode.Dense })).Count);
        using KnowledgeBase none = KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions { EmbedderName = "" });
        await none.IngestAsync(Scope, Array.Empty<SourceText>());
        Assert.Equal(("", 0), ((await none.StatusAsync(Scope)).Embedder, (await none.StatusAsync(Scope)).Vectors));
        await Assert.ThrowsAsync<UserInputException>(() => none.SearchAsync(Scope, "walrus", new SearchOptions { Mode = SearchMode.Hybrid }));
    }

    [Theory]
    [InlineData(SearchMode.Keyword)]
    [InlineData(SearchMode.Dense)]
    [InlineData(SearchMode.Hybrid)]
    public async Task Search_Filtered_FindsAllThatAreAllowed(SearchMode mode)
    {
        await _knowledge.IngestAsync(Scope, Enumerable.Range(0, 200).Select(i => new SourceText($"common/{i}", "walrus walrus")));
        await _knowledge.IngestAsync(
            Scope, Enumerable.Range(0, 7).Select(i => new SourceText($"rare/{i}", $"a walrus among many other words {i}")), new Dictionary<string, string> { ["te\"am"] = "x" });
        MetadataFilter[] filters = [MetadataFilter.Is("te\"am", "x"), new MetadataFilter.Prefix("source", "rare/"), new MetadataFilter.Not(new MetadataFilter.Prefix("source", "common"))];
        foreach (MetadataFilter filter in filters)
        {
            IReadOnlyList<Hit> hits = await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Mode = mode, Filter = filter, Count = 10 });
            Assert.Equal(7, hits.Count);
            Assert.All(hits, hit => Assert.StartsWith("rare/", hit.Source, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Filter_AsJson_ComesBackTheSameAndNeverBecomesSql()
    {
        MetadataFilter filter = new MetadataFilter.And(
            [MetadataFilter.Is("team", "' OR 1=1 --"), new MetadataFilter.Or([new MetadataFilter.Prefix("x') --", "y"), new MetadataFilter.Not(MetadataFilter.Is("kind", "md"))])]);
        string json = JsonSerializer.Serialize(filter);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<MetadataFilter>(json)));
        await IngestAsync(("a", "walrus"));
        Assert.Empty(await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Filter = filter }));
        Assert.Empty(await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Filter = new MetadataFilter.Or([]) }));
        Assert.Single(await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Filter = new MetadataFilter.And([]) }));
    }

    [Theory]
    [InlineData(SearchMode.Dense)]
    [InlineData(SearchMode.Hybrid)]
    public async Task Search_InForeignScopes_FindsNothing(SearchMode mode)
    {
        MemoryScope[] scopes = [.. Enumerable.Range(0, 4).Select(i => new MemoryScope($"tenant{i}", "docs"))];
        foreach ((int i, MemoryScope scope) in scopes.Index()) await _knowledge.IngestAsync(scope, [new SourceText($"doc{i}", $"secret{i} treasure")]);
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            int mine = random.Next(scopes.Length);
            Hit hit = Assert.Single(await _knowledge.SearchAsync(scopes[mine], $"secret{random.Next(4)} treasure", new SearchOptions { Mode = mode }));
            Assert.Equal($"doc{mine}", hit.Source);
        }
    }

    [Fact]
    public void Fuse_Rankings_AddsWeightedReciprocalRanks()
    {
        List<Candidate> fused = Fusion.Fuse(60, ([new(1, 9), new(2, 8)], 1), ([new(2, 0.9), new(3, 0.8)], 0.5), ([new(4, 1)], 0));
        Assert.Equal([2, 1, 3], fused.Select(one => one.Chunk));
        Assert.Equal((1.0 / 62) + (0.5 / 61), fused[0].Score, 1e-12);
    }

    [Fact]
    public void Diversify_TakesWhatDiffersFromWhatWasTaken()
    {
        Candidate[] candidates = [new(1, 1.0), new(2, 0.99), new(3, 0.5)];
        double Similarity(long a, long b) => a + b == 3 ? 1 : 0;
        Assert.Equal([1, 3], Fusion.Diversify(candidates, 2, 0.5, Similarity).Select(one => one.Chunk));
        Assert.Equal([1, 2], Fusion.Diversify(candidates, 2, 0, Similarity).Select(one => one.Chunk));
    }

    [Fact]
    public async Task Search_SeveralQueries_GivesEachWhatItGetsAlone()
    {
        await IngestAsync(("a", "walrus tusks"), ("b", "hare ears"), ("c", "walrus and hare"));
        IReadOnlyList<IReadOnlyList<Hit>> together = await _knowledge.SearchAsync(Scope, ["hare", "walrusses"]);
        Assert.Equal((await SearchAsync("hare", null)).Select(hit => (hit.Id, hit.Score)), together[0].Select(hit => (hit.Id, hit.Score)));
        Assert.Equal((await SearchAsync("walrusses", null)).Select(hit => (hit.Id, hit.Score)), together[1].Select(hit => (hit.Id, hit.Score)));
        Assert.Empty(await _knowledge.SearchAsync(Scope, Array.Empty<string>()));
        Assert.Equal(2, (await _knowledge.SearchAsync(MemoryScope.Local("other"), ["hare", "walrus"])).Count);
    }

    [Fact]
    public async Task Search_Reranked_FollowsTheReranker()
    {
        await IngestAsync(("short", "walrus"), ("long", "walrus among a great many other words"));
        IReadOnlyList<Hit> hits = await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Reranker = new Longest(), Count = 1 });
        Assert.Equal(("long", 37.0), (hits[0].Source, hits[0].Score));
    }

    [Fact]
    public async Task Search_Expanded_GivesTheTextAroundWithItsSpan()
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(i => $"Sentence {i} has a few plain words. "));
        using KnowledgeBase fine = KnowledgeBase.Open(_folder["fine.db"], new KnowledgeOptions { Chunking = new ChunkingOptions { MaxTokens = 40, OverlapTokens = 12 } });
        await fine.IngestAsync(Scope, [new SourceText("a", text)]);
        Hit plain = (await fine.SearchAsync(Scope, "30", new SearchOptions { Count = 1 }))[0];
        Hit expanded = (await fine.SearchAsync(Scope, "30", new SearchOptions { Count = 1, ExpandTo = 600 }))[0];
        Assert.Equal(plain.Id, expanded.Id);
        Assert.True(expanded.Start < plain.Start && expanded.End > plain.End);
        Assert.Equal(text[expanded.Start..expanded.End].Replace(" ", ""), expanded.Text.Replace(" ", "").Replace("\n", ""));
        Assert.InRange(expanded.Text.Length, plain.Text.Length, 620);
    }

    private KnowledgeBase Open(IEmbeddingGenerator<string, Embedding<float>> embedder) =>
        KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions { Embedder = embedder });

    private Task<IngestReport> IngestAsync(params (string Source, string Text)[] texts) =>
        _knowledge.IngestAsync(Scope, texts.Select(text => new SourceText(text.Source, text.Text)));

    private Task<IReadOnlyList<Hit>> SearchAsync(string query, SearchMode? mode) => _knowledge.SearchAsync(Scope, query, new SearchOptions { Mode = mode });

    private sealed class Longest : IReranker
    {
        public ValueTask<IReadOnlyList<double>> ScoreAsync(string query, IReadOnlyList<Hit> hits, CancellationToken cancellationToken = default) =>
            new([.. hits.Select(hit => (double)hit.Text.Length)]);
    }

    /// <summary>Two dimensions: length of the text and of its first word. Counts what it is asked.</summary>
    private sealed class CountingEmbedder : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Texts { get; private set; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] texts = [.. values];
            Texts += texts.Length;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(new float[] { text.Length, text.Split(' ')[0].Length }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class ReportedPhases : IProgress<IngestProgress>
    {
        public HashSet<IngestPhase> Seen { get; } = [];

        public void Report(IngestProgress value) => Seen.Add(value.Phase);
    }
}
