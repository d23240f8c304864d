using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

/// <summary>Files of vectors are used only for the content they were made of, whatever happened to the database beside them.</summary>
public sealed class StaleVectorsTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");
    private static readonly SearchOptions Dense = new() { Mode = SearchMode.Dense };

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_AfterTheDatabaseWasMadeAnew_ComparesItsOwnTexts(bool lexical)
    {
        await IngestAndSearchAsync(lexical, ("a", "walrus"));
        DeleteDatabase();
        Hit hit = await IngestAndSearchAsync(lexical, ("a", "hare"));
        Assert.Equal(1, hit.Score, 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_AfterABackupWasPutBack_ComparesItsOwnTexts(bool lexical)
    {
        await IngestAndSearchAsync(lexical, ("a", "a walrus among others"));
        byte[] backup = File.ReadAllBytes(_folder["k.db"]);
        await IngestAndSearchAsync(lexical, ("b", "walrus"));
        DeleteDatabase();
        _folder.Write("k.db", backup);
        Hit hit = await IngestAndSearchAsync(lexical, ("b", "hare"));
        Assert.Equal("b", hit.Source);
        Assert.Equal(1, hit.Score, 1e-4);
    }

    [Fact]
    public async Task Search_FromSeveralObjectsAtOnce_EachMakesTheFileForItself()
    {
        await IngestAndSearchAsync(lexical: true, [.. Enumerable.Range(0, 300).Select(i => ($"{i}", $"walrus {i}"))]);
        for (int round = 0; round < 5; round++)
        {
            using (KnowledgeBase writing = Open(lexical: true)) await writing.IngestAsync(Scope, [new SourceText("new", $"hare {round}")]);
            KnowledgeBase[] readers = [.. Enumerable.Range(0, 4).Select(_ => Open(lexical: true))];
            IReadOnlyList<Hit>[] found = await Task.WhenAll(readers.Select(reader => reader.SearchAsync(Scope, $"hare {round}", Dense)));
            Assert.All(found, hits => Assert.Equal("new", hits[0].Source));
            foreach (KnowledgeBase reader in readers) reader.Dispose();
        }

        Assert.Empty(Directory.GetFiles(_folder.Path, "*.part"));
    }

    [Fact]
    public async Task Ingest_FilesLeftByKilledWriters_AreRemovedUnlessSomebodyWritesThem()
    {
        string left = _folder.Write("k.db-vectors-1.4711.part", "half");
        string open = _folder.Write("k.db-graph-1.abc.part", "half");
        using (var writing = new FileStream(open, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            await IngestAndSearchAsync(lexical: true, ("a", "walrus"));
        Assert.False(File.Exists(left));
        Assert.True(File.Exists(open));
        await IngestAndSearchAsync(lexical: true, ("a", "walrus"));
        Assert.False(File.Exists(open));
    }

    private async Task<Hit> IngestAndSearchAsync(bool lexical, params (string Source, string Text)[] texts)
    {
        using KnowledgeBase knowledge = Open(lexical);
        await knowledge.IngestAsync(Scope, texts.Select(text => new SourceText(text.Source, text.Text)));
        return (await knowledge.SearchAsync(Scope, texts[0].Text, Dense))[0];
    }

    private KnowledgeBase Open(bool lexical) => KnowledgeBase.Open(_folder["k.db"], lexical
        ? new KnowledgeOptions { Embedder = new LexicalEmbedder() }
        : new KnowledgeOptions { Embedder = new ScriptedEmbedder(text => text.Contains("hare") ? [0, 1] : [1, 0]), EmbedderName = "scripted" });

    private void DeleteDatabase()
    {
        foreach (string file in (string[])["k.db", "k.db-wal", "k.db-shm"]) File.Delete(_folder[file]);
    }
}
