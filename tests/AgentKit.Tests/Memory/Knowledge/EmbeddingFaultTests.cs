using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

/// <summary>One source at fault is reported, and the others go on.</summary>
public sealed class EmbeddingFaultTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ingest_ATextThatIsTooLongForTheEmbedder_IsReportedAndTheOthersGetVectors()
    {
        using KnowledgeBase knowledge = Open(most: 40);
        SourceText[] texts = [.. Enumerable.Range(0, 100).Select(i => new SourceText($"s{i:d2}", i % 50 == 20 ? $"walrus {new string('x', 50)}" : $"walrus {i}"))];
        for (int round = 0; round < 2; round++)
        {
            IngestReport report = await knowledge.IngestAsync(Scope, texts);
            Assert.Equal(["s20", "s70"], report.NotEmbedded.Select(fault => fault.Source));
            Assert.Equal("1 chunk has no vector: The text has 57 characters; 40 are allowed.", report.NotEmbedded[0].Message);
            Assert.Empty(report.Faults);
            Assert.Equal(98, (await knowledge.StatusAsync(Scope)).Vectors);
        }

        Assert.Equal(2, (await knowledge.SearchAsync(Scope, new string('x', 50), new SearchOptions { Mode = SearchMode.Keyword })).Count);
    }

    [Fact]
    public async Task Ingest_AnEmbedderThatTakesNothing_EndsWithItsMessage()
    {
        using KnowledgeBase knowledge = Open(most: 1);
        IEnumerable<SourceText> texts = Enumerable.Range(0, 100).Select(i => new SourceText($"{i}", $"walrus {i}"));
        var e = await Assert.ThrowsAsync<UserInputException>(() => knowledge.IngestAsync(Scope, texts));
        Assert.Contains("1 are allowed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ingest_ManyTextsThatAreTooLongOnceMore_DoesNotEndThePass()
    {
        using KnowledgeBase knowledge = Open(most: 10);
        await knowledge.IngestAsync(Scope, [new SourceText("a", "walrus")]);
        IEnumerable<SourceText> texts = Enumerable.Range(0, 40).Select(i => new SourceText($"{i}", $"a long story of a walrus {i}"));
        Assert.Equal(40, (await knowledge.IngestAsync(Scope, texts)).NotEmbedded.Count);
        Assert.Equal(40, (await knowledge.IngestAsync(Scope, [new SourceText("b", "hare")])).NotEmbedded.Count);
        Assert.Equal(2, (await knowledge.StatusAsync(Scope)).Vectors);
    }

    [Fact]
    public async Task Ingest_WithoutAnEmbedder_LeavesTheVectorsThatAreThere()
    {
        using (KnowledgeBase knowledge = Open(most: 100)) await knowledge.IngestAsync(Scope, [new SourceText("a", "walrus")]);
        using (KnowledgeBase without = KnowledgeBase.Open(_folder["k.db"])) await without.IngestAsync(Scope, [new SourceText("b", "hare")]);
        using KnowledgeBase again = Open(most: 100);
        KnowledgeStatus status = await again.StatusAsync(Scope);
        Assert.Equal(("scripted", 1, 2), (status.Embedder, status.Vectors, status.Chunks));
        Assert.Equal("scripted", await again.EmbedderAsync(Scope));
        await again.IngestAsync(Scope, Array.Empty<SourceText>());
        Assert.Equal(2, (await again.StatusAsync(Scope)).Vectors);
    }

    [Fact]
    public void Prepare_AReaderThatFails_IsAFaultOfItsFile()
    {
        var known = new KnownDocument(1, 1, 0, 0, "", [], "");
        PreparationResult result = new Preparation(new KnowledgeOptions(), "{}").Prepare(new Failing(), known);
        Assert.Equal("The file could not be read (NotSupportedException: out of order). Its earlier version was removed from the index.", result.Fault!.Message);
        Assert.True(result.Gone);
    }

    private KnowledgeBase Open(int most) => KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions
    {
        Embedder = new ScriptedEmbedder(text => text.Length <= most ? LexicalEmbedder.Embed(text)
            : throw new UserInputException("text", $"The text has {text.Length} characters; {most} are allowed.")),
        EmbedderName = "scripted",
    });

    private sealed class Failing() : IngestSource("a.txt", "txt", 1, 0)
    {
        public override string Title => "";

        public override byte[] ReadBytes() => throw new NotSupportedException("out of order.");
    }
}
