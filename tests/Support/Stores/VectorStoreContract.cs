using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Stores;
using Xunit;

namespace AgentKit.Tests.Support;

/// <summary>What every store promises; each runs these tests.</summary>
public abstract class VectorStoreContract : IAsyncLifetime
{
    private readonly string _name = $"c{Guid.NewGuid():N}";

    protected MemoryScope Scope { get; } = new("acme", "notes", "ann", "helper");

    private protected VectorStore Store { get; private set; } = null!;

    private protected VectorStoreCollection Collection { get; private set; } = null!;

    /// <summary>Whether BM25 has the exact mean length of the scope's records, not an assumed one.</summary>
    protected virtual bool KnowsMeanLength => true;

    /// <summary>Whether a second store sees what the first has written.</summary>
    protected virtual bool Persists => true;

    public async Task InitializeAsync()
    {
        Store = await OpenAsync();
        Collection = Store.GetCollection(SomeRecords.Shape(_name));
        await Collection.EnsureCollectionExistsAsync();
    }

    public async Task DisposeAsync()
    {
        await Collection.EnsureCollectionDeletedAsync();
        await Store.DisposeAsync();
        await CloseAsync();
    }

    [Fact]
    public async Task UpsertAsync_ThenGet_ReturnsAllOfIt()
    {
        VectorStoreRecord record = SomeRecords.One(
            "a", "The lantern", [3, 4, 0, 0, 0, 0, 0, 0], ("kind", "lamp"), ("tags", new[] { "old", "brass" }), ("size", 12), ("note", "dusty"));
        await Collection.UpsertAsync(Scope, record);

        VectorStoreRecord? found = await Collection.GetAsync(Scope, "a", new RecordRetrievalOptions { IncludeVectors = true });
        Assert.NotNull(found);
        Assert.Equal(("a", "The lantern", "lamp", 12.0, "dusty"), (found.Key, found.Text, found.Keyword("kind"), found.Number("size"), found.Keyword("note")));
        Assert.Equal(["old", "brass"], (string[])found.Data["tags"]);
        Assert.Equal([0.6f, 0.8f, 0, 0, 0, 0, 0, 0], found.Vector.ToArray());
        Assert.True((await Collection.GetAsync(Scope, "a"))!.Vector.IsEmpty);
    }

    [Fact]
    public async Task UpsertAsync_KeyThatIsThere_ReplacesAllOfIt()
    {
        await Collection.UpsertAsync(Scope, SomeRecords.One("a", "old harbour", SomeRecords.Axis(1), ("kind", "x"), ("size", 1)));
        await Collection.UpsertAsync(Scope, [SomeRecords.One("a", "ignored"), SomeRecords.One("a", "new meadow", SomeRecords.Axis(2), ("tags", new[] { "y" }))]);

        Assert.Equal(1, await Collection.CountAsync(Scope));
        Assert.Empty(await Collection.KeywordSearchAsync(Scope, "harbour ignored", 5));
        Assert.Single(await Collection.KeywordSearchAsync(Scope, "meadow", 5));
        Assert.Equal(0, await Collection.CountAsync(Scope, MetadataFilter.Is("kind", "x")));
        Assert.Equal(1, await Collection.CountAsync(Scope, MetadataFilter.Is("tags", "y")));
        Assert.Equal(1, (await Collection.SearchAsync(Scope, SomeRecords.Axis(2), 1))[0].Score, 5);
    }

    [Fact]
    public async Task GetAsync_SeveralKeys_KeepsTheirOrderAndLeavesUnknownOut()
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(5));
        IReadOnlyList<VectorStoreRecord> found = await Collection.GetAsync(Scope, ["r00003", "nothing", "r00000", "r00003"]);
        Assert.Equal(["r00003", "r00000"], found.Select(record => record.Key));
        Assert.Null(await Collection.GetAsync(Scope, "nothing"));
    }

    [Fact]
    public async Task DeleteAsync_ByKeyOrFilter_LeavesNothingThatASearchFinds()
    {
        VectorStoreRecord[] records = SomeRecords.Many(60);
        await Collection.UpsertAsync(Scope, records);
        Assert.Equal(60, (await Collection.SearchAsync(Scope, SomeRecords.Axis(0), 100)).Count);

        await Collection.DeleteAsync(Scope, ["r00000", "r00001", "nothing"]);
        await Collection.DeleteAsync(Scope, MetadataFilter.Is("kind", "kind2"));

        string[] left = [.. records.Skip(2).Where((_, i) => (i + 2) % 7 != 2).Select(record => record.Key)];
        Assert.Equal(left, (await KeysAsync(null)).Order(StringComparer.Ordinal));
        Assert.Equal(left, Sorted(await Collection.SearchAsync(Scope, SomeRecords.Axis(0), 100)));
        string all = string.Join(' ', records.Select(record => record.Text));
        Assert.Equal(left, Sorted(await Collection.KeywordSearchAsync(Scope, all, 100)));
        Assert.Equal(left, Sorted(await Collection.HybridSearchAsync(Scope, SomeRecords.Axis(0), all, 100)));
    }

    [Fact]
    public async Task SearchAsync_RandomVectors_OrdersByCosine()
    {
        VectorStoreRecord[] records = SomeRecords.Many(300);
        await Collection.UpsertAsync(Scope, records);
        var random = new Random(7);
        for (int i = 0; i < 10; i++)
        {
            float[] query = SomeRecords.Vector(random);
            var expected = records.Select(record => (record.Key, Score: SomeRecords.Cosine(record.Vector, query))).OrderByDescending(one => one.Score).Take(10);
            IReadOnlyList<VectorSearchResult> found = await Collection.SearchAsync(Scope, query, 10);
            Assert.Equal(expected.Select(one => one.Key), found.Select(result => result.Record.Key));
            Assert.All(found.Zip(expected), pair => Assert.Equal(pair.Second.Score, pair.First.Score, 4));
        }
    }

    [Theory]
    [InlineData("of42", 10)]
    [InlineData("of7", 3)]
    public async Task SearchAsync_FilterThatOnePercentPasses_ReturnsAllThatAreWanted(string tag, int top)
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(1000));
        var options = new VectorSearchOptions { Filter = MetadataFilter.Is("tags", tag) };
        var random = new Random(3);
        for (int i = 0; i < 20; i++)
        {
            IReadOnlyList<VectorSearchResult> found = await Collection.SearchAsync(Scope, SomeRecords.Vector(random), top, options);
            Assert.Equal(top, found.Count);
            Assert.All(found, result => Assert.Contains(tag, (string[])result.Record.Data["tags"]));
        }
    }

    public static TheoryData<string, Func<int, bool>> Filters() => new()
    {
        { """{"op":"any","Field":"kind","Values":["kind1","kind4","none"]}""", i => i % 7 is 1 or 4 },
        { """{"op":"any","Field":"kind","Values":[]}""", _ => false },
        { """{"op":"any","Field":"tags","Values":["tag1","of5"]}""", i => i % 3 == 1 || i % 100 == 5 },
        { """{"op":"prefix","Field":"kind","Value":"kind"}""", _ => true },
        { """{"op":"prefix","Field":"tags","Value":"of1"}""", i => i % 100 is 1 or (>= 10 and <= 19) },
        { """{"op":"prefix","Field":"kind","Value":"%"}""", _ => false },
        { """{"op":"range","Field":"size","Least":10,"Most":20}""", i => i is >= 10 and <= 20 },
        { """{"op":"range","Field":"size","Most":4.5}""", i => i <= 4 },
        { """{"op":"not","Filter":{"op":"range","Field":"size","Least":3}}""", i => i < 3 },
        { """{"op":"and","Filters":[]}""", _ => true },
        { """{"op":"or","Filters":[]}""", _ => false },
        {
            """
            {"op":"and","Filters":[{"op":"or","Filters":[{"op":"any","Field":"kind","Values":["kind0"]},{"op":"any","Field":"tags","Values":["of9"]}]},
             {"op":"not","Filter":{"op":"any","Field":"tags","Values":["tag0"]}}]}
            """,
            i => (i % 7 == 0 || i % 100 == 9) && i % 3 != 0
        },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filters_OfEveryKind_SelectTheSame(string json, Func<int, bool> expected)
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(120));
        MetadataFilter filter = System.Text.Json.JsonSerializer.Deserialize<MetadataFilter>(json)!;
        string[] keys = [.. Enumerable.Range(0, 120).Where(expected).Select(i => $"r{i:00000}")];
        Assert.Equal(keys, (await KeysAsync(filter)).Order(StringComparer.Ordinal));
        Assert.Equal(keys.Length, await Collection.CountAsync(Scope, filter));
        Assert.Equal(keys, Sorted(await Collection.SearchAsync(Scope, SomeRecords.Axis(3), 200, new VectorSearchOptions { Filter = filter })));
        string words = "harbour lantern granite meadow copper violin saffron glacier orchard compass";
        Assert.Equal(keys, Sorted(await Collection.KeywordSearchAsync(Scope, words, 200, new VectorSearchOptions { Filter = filter })));
    }

    [Fact]
    public async Task Filters_OnAFieldThatARecordLacks_DoNotMatchButTheirOppositeDoes()
    {
        await Collection.UpsertAsync(Scope, [SomeRecords.One("with", data: [("kind", "a"), ("size", 1)]), SomeRecords.One("without")]);
        MetadataFilter[] filters = [MetadataFilter.Is("kind", "a"), new MetadataFilter.Range("size"), new MetadataFilter.Prefix("kind", "")];
        foreach (MetadataFilter filter in filters)
        {
            Assert.Equal(["with"], await KeysAsync(filter));
            Assert.Equal(["without"], await KeysAsync(new MetadataFilter.Not(filter)));
        }
    }

    [Fact]
    public async Task KeywordSearchAsync_RanksByOkapiBm25()
    {
        await Collection.UpsertAsync(Scope,
        [
            SomeRecords.One("often", "saffron saffron saffron meadow"),
            SomeRecords.One("once", "saffron meadow meadow meadow"),
            SomeRecords.One("rare", "glacier meadow stone stone"),
            SomeRecords.One("none", "stone meadow harbour granite"),
            SomeRecords.One("more", "stone meadow harbour lantern"),
        ]);
        IReadOnlyList<VectorSearchResult> found = await Collection.KeywordSearchAsync(Scope, "glacier SAFFRON", 10);
        Assert.Equal(["rare", "often", "once"], found.Select(result => result.Record.Key));
        if (!KnowsMeanLength) return;
        Assert.Equal(Math.Log((5 - 1 + 0.5) / 1.5) * 2.2 / 2.2, found[0].Score, 5);
        Assert.Equal(Math.Log((5 - 2 + 0.5) / 2.5) * (3 * 2.2) / (3 + 1.2), found[1].Score, 5);
        Assert.Empty(await Collection.KeywordSearchAsync(Scope, "the of and", 10));
    }

    [Fact]
    public async Task HybridSearchAsync_SumsReciprocalRanks()
    {
        await Collection.UpsertAsync(Scope,
        [
            SomeRecords.One("both", "lantern", [1, 0.2f, 0, 0, 0, 0, 0, 0]), SomeRecords.One("vector", "stone", SomeRecords.Axis(0)),
            SomeRecords.One("word", "lantern lantern", SomeRecords.Axis(5)), SomeRecords.One("neither", "stone", SomeRecords.Axis(6)),
        ]);
        IReadOnlyList<VectorSearchResult> found = await Collection.HybridSearchAsync(Scope, new float[] { 1, 0.2f, 0, 0, 0, 0, 0, 0 }, "lantern", 2);
        Assert.Equal("both", found[0].Record.Key);
        Assert.Equal(2, found.Count);
        Assert.Equal((1.0 / 61) + (1.0 / 62), found[0].Score, 9);

        var weighted = new HybridSearchOptions { VectorWeight = 0, RrfK = 1, ScoreThreshold = 0.4 };
        Assert.Equal([("word", 0.5)], (await Collection.HybridSearchAsync(Scope, SomeRecords.Axis(0), "lantern", 5, weighted))
            .Select(result => (result.Record.Key, result.Score)));
    }

    [Fact]
    public async Task ForeignScopes_AThousandQueries_FindNothing()
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(40));
        var random = new Random(11);
        for (int i = 0; i < 1000; i++)
        {
            MemoryScope foreign = Foreign(random, i);
            switch (i % 6)
            {
                case 0: Assert.Empty(await Collection.SearchAsync(foreign, SomeRecords.Vector(random), 10)); break;
                case 1: Assert.Empty(await Collection.KeywordSearchAsync(foreign, SomeRecords.Query(random), 10)); break;
                case 2: Assert.Empty(await Collection.HybridSearchAsync(foreign, SomeRecords.Vector(random), SomeRecords.Query(random), 10)); break;
                case 3: Assert.Empty(await Collection.GetAsync(foreign, [$"r{random.Next(40):00000}"])); break;
                case 4: Assert.Empty(await Collection.ListAsync(foreign, MetadataFilter.Is("kind", "kind1")).ToListAsync()); break;
                default: Assert.Equal(0, await Collection.CountAsync(foreign)); break;
            }
        }

        await Collection.DeleteAsync(Foreign(random, 0), new MetadataFilter.And([]));
        await Collection.DeleteAsync(Foreign(random, 1), ["r00000"]);
        Assert.Equal(40, await Collection.CountAsync(Scope));
    }

    [Fact]
    public async Task ForeignRecords_HaveNoInfluenceOnScores()
    {
        await Collection.UpsertAsync(Scope, SomeRecords.Many(30));
        IReadOnlyList<VectorSearchResult> before = await Collection.KeywordSearchAsync(Scope, "lantern glacier", 30);
        await Collection.UpsertAsync(new MemoryScope("other", "notes"), SomeRecords.Many(90, seed: 2));
        IReadOnlyList<VectorSearchResult> after = await Collection.KeywordSearchAsync(Scope, "lantern glacier", 30);
        Assert.Equal(before.Select(result => (result.Record.Key, Math.Round(result.Score, 9))), after.Select(result => (result.Record.Key, Math.Round(result.Score, 9))));
    }

    [Theory]
    [InlineData("日本語のキー", "東京都の天気")]
    [InlineData("🦊🔑", "naïve façade Ελλάδα مرحبا שלום")]
    [InlineData("a'b\"c\\d;--", "'; DROP TABLE records; --")]
    [InlineData(" \t\n", "line one\r\nline two\ttab")]
    public async Task Unicode_InKeyTextAndFields_ComesBackAsItWas(string key, string text)
    {
        await Collection.UpsertAsync(Scope, SomeRecords.One(key, text, null, ("kind", text), ("tags", new[] { key, text })));
        VectorStoreRecord found = (await Collection.GetAsync(Scope, key))!;
        Assert.Equal((key, text, text), (found.Key, found.Text, found.Keyword("kind")));
        Assert.Equal([key, text], (string[])found.Data["tags"]);
        Assert.Equal([key], await KeysAsync(MetadataFilter.Is("tags", key)));
        Assert.Equal([key], await KeysAsync(new MetadataFilter.Prefix("kind", text[..3])));
        await Collection.DeleteAsync(Scope, [key]);
        Assert.Null(await Collection.GetAsync(Scope, key));
    }

    [Fact]
    public async Task LargeText_OfAMegabyte_IsKeptAndFound()
    {
        string text = string.Join(' ', Enumerable.Range(0, 120_000).Select(i => $"word{i % 50_000}")) + " needle";
        await Collection.UpsertAsync(Scope, SomeRecords.One("large", text));
        Assert.Equal(text, Assert.Single(await Collection.KeywordSearchAsync(Scope, "needle", 3)).Record.Text);
    }

    [Fact]
    public async Task LargeBatch_IsWrittenCountedAndListed()
    {
        VectorStoreRecord[] records = SomeRecords.Many(1700);
        await Collection.UpsertAsync(Scope, records);
        Assert.Equal(1700, await Collection.CountAsync(Scope));
        Assert.Equal(records.Select(record => record.Key), (await KeysAsync(null)).Order(StringComparer.Ordinal));
        await Collection.DeleteAsync(Scope, records.Select(record => record.Key));
        Assert.Equal(0, await Collection.CountAsync(Scope));
    }

    [Fact]
    public async Task UpsertAsync_FromSeveralTasks_KeepsAll()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(task => Task.Run(async () =>
        {
            for (int i = 0; i < 5; i++) await Collection.UpsertAsync(Scope, SomeRecords.One($"{task}-{i}", "harbour", SomeRecords.Axis(task)));
        })));
        Assert.Equal(40, await Collection.CountAsync(Scope));
        Assert.Equal(40, (await Collection.SearchAsync(Scope, SomeRecords.Axis(1), 100)).Count);
    }

    [Fact]
    public async Task EmptyScope_HasNothing()
    {
        Assert.Empty(await Collection.SearchAsync(Scope, SomeRecords.Axis(0), 5));
        Assert.Empty(await Collection.KeywordSearchAsync(Scope, "harbour", 5));
        Assert.Empty(await KeysAsync(null));
        await Collection.DeleteAsync(Scope, ["a"]);
    }

    [Fact]
    public async Task WrongInput_IsRefusedWithTheName()
    {
        await Refused("Vector", Collection.UpsertAsync(Scope, SomeRecords.One("a", vector: [1, 2])));
        await Refused("Vector", Collection.UpsertAsync(Scope, SomeRecords.One("a", vector: [.. SomeRecords.Axis(0)[..7], float.NaN])));
        await Refused("colour", Collection.UpsertAsync(Scope, SomeRecords.One("a", data: [("colour", "red")])));
        await Refused("size", Collection.UpsertAsync(Scope, SomeRecords.One("a", data: [("size", "large")])));
        await Refused("Text", Collection.UpsertAsync(Scope, SomeRecords.One("a", "nul\0")));
        await Refused("Key", Collection.UpsertAsync(Scope, SomeRecords.One("half \ud83e pair")));
        await Refused("Key", Collection.UpsertAsync(Scope, SomeRecords.One("")));
        await Refused("Filter", Collection.CountAsync(Scope, MetadataFilter.Is("note", "x")));
        await Refused("Filter", Collection.CountAsync(Scope, MetadataFilter.Is("size", "1")));
        await Refused("top", Collection.SearchAsync(Scope, SomeRecords.Axis(0), 0));
        await Refused("Vector", Collection.SearchAsync(Scope, new float[3], 1));
        Assert.Equal(0, await Collection.CountAsync(Scope));
    }

    [Fact]
    public async Task Collections_AreListedAndHeldToTheirShape()
    {
        Assert.Contains(_name, await Store.ListCollectionNamesAsync());
        await Assert.ThrowsAsync<UserInputException>(() => Store.GetCollection(SomeRecords.Shape(_name, 9)).EnsureCollectionExistsAsync());
        VectorStoreCollection missing = Store.GetCollection(SomeRecords.Shape($"{_name}x"));
        Assert.False(await missing.CollectionExistsAsync());
        var error = await Assert.ThrowsAsync<UserInputException>(() => missing.CountAsync(Scope));
        Assert.Contains("make it first", error.Message, StringComparison.Ordinal);
        await missing.EnsureCollectionDeletedAsync();
    }

    [Fact]
    public async Task SecondStore_SeesWhatTheFirstHasWritten()
    {
        if (!Persists) return;
        await Collection.UpsertAsync(Scope, SomeRecords.Many(3));
        await using VectorStore second = await OpenAsync();
        VectorStoreCollection same = second.GetCollection(SomeRecords.Shape(_name));
        Assert.Equal(3, (await same.SearchAsync(Scope, SomeRecords.Axis(0), 5)).Count);
        await same.UpsertAsync(Scope, SomeRecords.One("late", "compass", SomeRecords.Axis(7)));
        Assert.Equal("late", (await Collection.SearchAsync(Scope, SomeRecords.Axis(7), 1))[0].Record.Key);
        await same.DeleteAsync(Scope, ["late"]);
        Assert.DoesNotContain("late", Sorted(await Collection.SearchAsync(Scope, SomeRecords.Axis(7), 5)));
    }

    private protected abstract Task<VectorStore> OpenAsync();

    private protected virtual Task CloseAsync() => Task.CompletedTask;

    private static async Task Refused(string field, Task task) => Assert.Equal(field, (await Assert.ThrowsAsync<UserInputException>(() => task)).Field);

    private static IEnumerable<string> Sorted(IEnumerable<VectorSearchResult> results) =>
        results.Select(result => result.Record.Key).Order(StringComparer.Ordinal);

    /// <summary>A scope that differs from <see cref="Scope"/> in one part, or says the same in other words.</summary>
    private static MemoryScope Foreign(Random random, int i) => (i % 5) switch
    {
        0 => new($"acme{random.Next()}", "notes", "ann", "helper"),
        1 => new("acme", $"notes{random.Next()}", "ann", "helper"),
        2 => new("acme", "notes", "", "helper"),
        3 => new("acme", "notes", "ann", ""),
        _ => new("acme\",\"notes", "ann", "helper", ""),
    };

    private async Task<List<string>> KeysAsync(MetadataFilter? filter) =>
        await Collection.ListAsync(Scope, filter).Select(record => record.Key).ToListAsync();
}
