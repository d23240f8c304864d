using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Citations;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class KnowledgeBaseTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow().AddHours(1));
    private readonly KnowledgeBase _knowledge;

    public KnowledgeBaseTests() => _knowledge = KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions { TimeProvider = _time });

    public void Dispose()
    {
        _knowledge.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Search_AfterIngest_CitesSourceHeadingAndExactSpan()
    {
        const string Text = "# Guide\n\nIntroduction.\n\n## Resuming\n\nInterrupted runs are resumed from the journal.\n";
        string path = _folder.Write("docs/guide.md", Text);
        IngestReport report = await IngestAsync();
        Assert.Equal((1, 2, 0), (report.Added, report.ChunksWritten, report.Faults.Count));

        Hit hit = Assert.Single(await _knowledge.SearchAsync(Scope, "how to resume an interrupted run"));
        Assert.Equal((path, "Guide", "Guide > Resuming"), (hit.Source, hit.Title, hit.Heading));
        Assert.Equal(hit.Text, Text[hit.Start..hit.End]);
        Assert.True(hit.Score > 0);
    }

    [Fact]
    public async Task Ingest_Again_TouchesOnlyWhatChanged()
    {
        _folder.Write("docs/a.md", "# A\n\none\n\n## Same\n\nconstant words\n");
        _folder.Write("docs/b.md", "# B\n\nbeta\n");
        await IngestAsync();
        long before = (await _knowledge.SearchAsync(Scope, "constant"))[0].Id;
        IngestReport unchanged = await IngestAsync();
        Assert.Equal((0, 0, 2, 0, 0), (unchanged.Added, unchanged.Updated, unchanged.Unchanged, unchanged.Removed, unchanged.ChunksWritten));

        _folder.Write("docs/a.md", "# A\n\ntwo two\n\n## Same\n\nconstant words\n");
        IngestReport changed = await IngestAsync();
        Assert.Equal((1, 1, 1), (changed.Updated, changed.Unchanged, changed.ChunksWritten));
        Assert.Equal(before, (await _knowledge.SearchAsync(Scope, "constant"))[0].Id);
        Assert.Empty(await _knowledge.SearchAsync(Scope, "one"));
        Assert.Single(await _knowledge.SearchAsync(Scope, "two"));
    }

    [Fact]
    public async Task Ingest_FileChangedWithinItsTimeStamp_IsSeen()
    {
        string path = _folder.Write("docs/a.md", "alpha");
        using KnowledgeBase live = KnowledgeBase.Open(_folder["live.db"]);
        await live.IngestAsync(Scope, [_folder["docs"]]);
        DateTime stamp = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, "gamma");
        File.SetLastWriteTimeUtc(path, stamp);
        Assert.Equal(1, (await live.IngestAsync(Scope, [_folder["docs"]])).Updated);
        Assert.Single(await live.SearchAsync(Scope, "gamma"));
    }

    [Fact]
    public async Task Ingest_FileGoneOrRenamed_IsNoLongerFoundUnderItsOldName()
    {
        string old = _folder.Write("docs/old.md", "walrus facts");
        _folder.Write("docs/other.md", "other facts");
        await IngestAsync();
        File.Move(old, _folder["docs/new.md"]);
        IngestReport report = await IngestAsync();
        Assert.Equal((1, 1, 1), (report.Added, report.Removed, report.Unchanged));
        Assert.Equal(_folder["docs/new.md"], Assert.Single(await _knowledge.SearchAsync(Scope, "walrus")).Source);
        Assert.Equal(1, await _knowledge.RemoveAsync(Scope, _folder["docs/new.md"]));
        Assert.Empty(await _knowledge.SearchAsync(Scope, "walrus"));
        Assert.Equal((1, 1), ((await _knowledge.StatusAsync(Scope)).Documents, (await _knowledge.StatusAsync(Scope)).Chunks));
    }

    [Fact]
    public async Task Ingest_EqualTexts_AreTwoDocuments()
    {
        string a = _folder.Write("docs/a.txt", "the same words");
        string b = _folder.Write("docs/b.txt", "the same words");
        await IngestAsync();
        Assert.Equal([a, b], (await _knowledge.SearchAsync(Scope, "same words")).Select(hit => hit.Source).Order());
        File.Delete(a);
        await IngestAsync();
        Assert.Equal(b, Assert.Single(await _knowledge.SearchAsync(Scope, "same words")).Source);
    }

    [Fact]
    public async Task Ingest_BrokenFiles_AreReportedAndTheRestGoesOn()
    {
        _folder.Write("docs/good.md", "fine words");
        _folder.Write("docs/empty.md", "");
        _folder.Write("docs/bad.txt", [0x61, 0xC3, 0x28]);
        _folder.Write("docs/bomb.docx", OfficeFiles.ZipBomb());
        _folder.Write("docs/locked.docx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]);
        _folder.Write("docs/broken.json", "{");
        _folder.Write("docs/picture.png", [1, 2, 3]);
        _folder.Write("docs/.hidden/secret.md", "hidden words");
        IngestReport report = await IngestAsync();
        Assert.Equal(2, report.Added);
        Assert.Equal(["bad.txt", "bomb.docx", "broken.json", "locked.docx"], report.Faults.Select(fault => Path.GetFileName(fault.Source)));
        Assert.Equal(1, report.Skipped[".png"]);
        Assert.Single(await _knowledge.SearchAsync(Scope, "words"));
        IngestReport again = await IngestAsync();
        Assert.Equal((2, 4), (again.Unchanged, again.Faults.Count));
    }

    [Fact]
    public async Task Ingest_FileThatBecameUnreadable_DoesNotStayFindable()
    {
        string path = _folder.Write("docs/a.txt", "stale words");
        await IngestAsync();
        File.WriteAllBytes(path, [0xFF, 0xC3, 0x28, 0, 0]);
        IngestReport report = await IngestAsync();
        Assert.Contains("earlier version was removed", Assert.Single(report.Faults).Message, StringComparison.Ordinal);
        Assert.Equal(1, report.Removed);
        Assert.Empty(await _knowledge.SearchAsync(Scope, "stale"));
    }

    [Fact]
    public async Task Ingest_WithOtherChunking_CutsAnew()
    {
        _folder.Write("docs/a.md", string.Concat(Enumerable.Range(0, 100).Select(i => $"Sentence {i} has words. ")));
        IngestReport coarse = await IngestAsync();
        using KnowledgeBase fine = KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions { Chunking = new ChunkingOptions { MaxTokens = 64 }, TimeProvider = _time });
        IngestReport report = await fine.IngestAsync(Scope, [_folder["docs"]]);
        Assert.Equal(1, report.Updated);
        Assert.True(report.ChunksWritten > 2 * coarse.ChunksWritten);
    }

    [Fact]
    public async Task Search_InForeignScopes_FindsNothing()
    {
        MemoryScope[] scopes =
        [
            new("acme", "docs"), new("globex", "docs"), new("acme", "other"), new("acme", "docs", user: "ann"), new("acme", "docs", agent: "bot"),
        ];
        foreach ((int i, MemoryScope scope) in scopes.Index())
            await _knowledge.IngestAsync(scope, [new SourceText($"doc{i}", $"secret{i} shared treasure")]);
        var random = new Random(3);
        for (int i = 0; i < 1000; i++)
        {
            int mine = random.Next(scopes.Length);
            int asked = random.Next(scopes.Length);
            Assert.Equal(mine == asked ? 1 : 0, (await _knowledge.SearchAsync(scopes[mine], $"secret{asked}")).Count);
        }

        Assert.All(scopes.Index(), one => Assert.Equal($"doc{one.Index}", _knowledge.SearchAsync(one.Item, "treasure").Result.Single().Source));
        Assert.Equal(0, await _knowledge.RemoveAsync(scopes[0], "doc1"));
        Assert.Empty(await _knowledge.SearchAsync(new MemoryScope("nobody", "docs"), "treasure"));
    }

    [Fact]
    public async Task Search_Score_DoesNotDependOnForeignScopes()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("a", "rare common"), new SourceText("b", "common")]);
        double before = (await _knowledge.SearchAsync(Scope, "rare"))[0].Score;
        await _knowledge.IngestAsync(new MemoryScope("other", "x"), Enumerable.Range(0, 50).Select(i => new SourceText($"{i}", "rare")));
        Assert.Equal(before, (await _knowledge.SearchAsync(Scope, "rare"))[0].Score);
    }

    [Fact]
    public async Task Search_QueryOfManyWordsOrSigns_Works()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("a", "needle in hay")]);
        string many = string.Join(' ', Enumerable.Range(0, 3000).Select(i => $"w{i}")) + " needle";
        Assert.Single(await _knowledge.SearchAsync(Scope, many));
        Assert.Single(await _knowledge.SearchAsync(Scope, "\"needle\" AND (NEAR* OR) -x:y ^"));
        await Assert.ThrowsAsync<UserInputException>(() => _knowledge.SearchAsync(Scope, "to be or not"));
        await Assert.ThrowsAsync<UserInputException>(() => _knowledge.SearchAsync(Scope, " ?! "));
    }

    [Fact]
    public async Task Ingest_Cancelled_KeepsWhatWasDoneAndGoesOn()
    {
        for (int i = 0; i < 40; i++) _folder.Write($"docs/{i:d2}.md", $"page{i} words");
        using var stop = new CancellationTokenSource();
        var progress = new StopAfter(10, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _knowledge.IngestAsync(Scope, [_folder["docs"]], null, progress, stop.Token));
        Assert.Equal(10, (await _knowledge.StatusAsync(Scope)).Documents);
        IngestReport rest = await IngestAsync();
        Assert.Equal((30, 10), (rest.Added, rest.Unchanged));
    }

    [Fact]
    public async Task Ingest_WhileAnotherOneRuns_IsRefused()
    {
        using var held = new FileStream(_folder["k.db.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var e = await Assert.ThrowsAsync<UserInputException>(() => _knowledge.IngestAsync(Scope, [new SourceText("a", "b")]));
        Assert.Contains("Another process is changing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ingest_PageThatNamesAnotherEncoding_GivenAsAText_StaysAsItIs()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("a", "<meta charset=iso-8859-1><p>Der Schlüssel liegt dort.</p>") { Kind = "html" }]);
        Assert.Equal("Der Schlüssel liegt dort.", Assert.Single(await _knowledge.SearchAsync(Scope, "Schlüssel")).Text);
    }

    [Fact]
    public async Task Ingest_ALineOfMegabytesThatPassesForATitle_IsShortened()
    {
        string line = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"word{i} "));
        await _knowledge.IngestAsync(Scope, [new SourceText("a", $"# {line}\n\nbody\n") { Kind = "md" }]);
        Hit hit = (await _knowledge.SearchAsync(Scope, "word99999"))[0];
        Assert.InRange(hit.Title.Length, 100, 501);
        Assert.EndsWith("…", hit.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_OnePerDocumentReranked_AsksTheModelOnce()
    {
        string many = string.Concat(Enumerable.Range(0, 500).Select(i => $"## Part {i}\n\nwalrus walrus\n\n"));
        await _knowledge.IngestAsync(Scope, [new SourceText("big", many) { Kind = "md" }]);
        var reranker = new Counting();
        var options = new SearchOptions { Count = 6, OnePerDocument = true, Reranker = reranker };
        Assert.Single(await _knowledge.SearchAsync(Scope, "walrus", options));
        Assert.Equal(1, reranker.Calls);
    }

    [Fact]
    public async Task Search_Expanded_KeepsPlacesAndStopsWhereAnotherSectionLies()
    {
        string words = string.Concat(Enumerable.Repeat("Some plain words stand here.     ", 12));
        string text = $"# A\n\n{words}\n\n\n\nThe walrus sleeps.    {words}\n\n# B\n\nAnother section.\n\n# A\n\nThe walrus again.";
        using KnowledgeBase fine = KnowledgeBase.Open(
            _folder["fine.db"], new KnowledgeOptions { Chunking = new ChunkingOptions { MaxTokens = 32, OverlapTokens = 0 }, TimeProvider = _time });
        await fine.IngestAsync(Scope, [new SourceText("a", text) { Kind = "md" }]);
        Hit hit = (await fine.SearchAsync(Scope, "sleeps", new SearchOptions { Count = 1, ExpandTo = 10_000 }))[0];
        Assert.Equal(hit.End - hit.Start, hit.Text.Length);
        Assert.DoesNotContain("again", hit.Text, StringComparison.Ordinal);
        Citation citation = Assert.Single(CitationChecker.Check("The walrus sleeps [1].", [hit]).Citations);
        Assert.Equal("The walrus sleeps", text[citation.Start..citation.End]);
    }

    [Fact]
    public async Task Search_WhileAnotherProcessWrites_WaitsForNobody()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("a", "walrus")]);
        using var writing = new SqliteConnection($"Data Source={_folder["k.db"]};Pooling=False");
        writing.Open();
        using SqliteTransaction transaction = writing.BeginTransaction(deferred: false);
        using KnowledgeBase second = KnowledgeBase.Open(_folder["k.db"]);
        Assert.Single(await second.SearchAsync(Scope, "walrus"));
    }

    [Fact]
    public async Task Open_AFileOfBeforeContexts_GetsTheirTable()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("a", "walrus")]);
        using (var old = new SqliteConnection($"Data Source={_folder["k.db"]};Pooling=False"))
        {
            old.Open();
            using SqliteCommand drop = old.CreateCommand();
            drop.CommandText = "DROP TABLE contexts";
            drop.ExecuteNonQuery();
        }

        using KnowledgeBase again = KnowledgeBase.Open(_folder["k.db"]);
        Assert.Single(await again.SearchAsync(Scope, "walrus"));
    }

    [Theory]
    [InlineData("missing", "there is no file or folder")]
    [InlineData("picture.png", "which is not read")]
    public async Task Ingest_PathThatCannotBeRead_NamesIt(string path, string reason)
    {
        _folder.Write("picture.png", [1]);
        var e = await Assert.ThrowsAsync<UserInputException>(() => _knowledge.IngestAsync(Scope, [_folder[path]]));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_OnePerDocument_GivesAsManyDocumentsAsAsked()
    {
        string many = string.Concat(Enumerable.Range(0, 200).Select(i => $"## Part {i}\n\nwalrus walrus\n\n"));
        await _knowledge.IngestAsync(Scope, [new SourceText("big", many) { Kind = "md" }, .. Enumerable.Range(0, 5).Select(i => new SourceText($"{i}", $"a walrus among other words {i}"))]);
        IReadOnlyList<Hit> hits = await _knowledge.SearchAsync(Scope, "walrus", new SearchOptions { Count = 6, OnePerDocument = true });
        Assert.Equal(6, hits.Select(hit => hit.Source).Distinct().Count());
    }

    [Theory]
    [InlineData("", "c")]
    [InlineData("t", "")]
    [InlineData("t\n", "c")]
    public void Scope_WithoutTenantOrCollection_DoesNotExist(string tenant, string collection) =>
        Assert.Throws<UserInputException>(() => new MemoryScope(tenant, collection));

    [Fact]
    public void Open_AnotherDatabase_IsRefused()
    {
        _folder.Write("x.db", Encoding.UTF8.GetBytes("no database at all, but long enough to be read as one"));
        Assert.Throws<UserInputException>(() => KnowledgeBase.Open(_folder["x.db"]));
        Assert.Throws<UserInputException>(() => KnowledgeBase.Open(_folder.Path));
    }

    private Task<IngestReport> IngestAsync() => _knowledge.IngestAsync(Scope, [_folder["docs"]]);

    private sealed class Counting : IReranker
    {
        public int Calls { get; private set; }

        public ValueTask<IReadOnlyList<double>> ScoreAsync(string query, IReadOnlyList<Hit> hits, CancellationToken cancellationToken = default)
        {
            Calls++;
            return new([.. hits.Select(hit => (double)hit.Text.Length)]);
        }
    }

    private sealed class StopAfter(int count, CancellationTokenSource stop) : IProgress<IngestProgress>
    {
        private int _seen;

        public void Report(IngestProgress value)
        {
            if (++_seen == count) stop.Cancel();
        }
    }
}
