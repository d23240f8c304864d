using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Shared;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Memory.Knowledge;

/// <summary>Chunks that a model has said something about.</summary>
public sealed class EnrichmentTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SearchMode.Keyword)]
    [InlineData(SearchMode.Dense)]
    public async Task Search_WordOfTheContextOnly_FindsTheChunkWithItsOwnText(SearchMode mode)
    {
        var model = new ScriptedModel(asked => ScriptedReply.Text(Passage(asked).Contains("closes at nine") ? "About the\n harbour master." : "About ships."));
        using KnowledgeBase knowledge = Open(model);
        IngestReport report = await IngestAsync(knowledge, ("a", "It closes at nine."), ("b", "They sail."));
        Assert.Equal((2, 0), (report.ChunksEnriched, report.NotEnriched.Count));
        Hit hit = (await knowledge.SearchAsync(Scope, "harbour", new SearchOptions { Mode = mode }))[0];
        Assert.Equal(("a", "It closes at nine.", "About the harbour master."), (hit.Source, hit.Text, hit.Context));
        Assert.Equal(2, (await knowledge.StatusAsync(Scope)).Contexts);
        Assert.Equal((0f, 120), (model.Options[0]!.Temperature, model.Options[0]!.MaxOutputTokens));
    }

    [Fact]
    public async Task Ingest_Again_AsksOnlyAboutNewChunksAndNotAboutThoseOfARenamedFile()
    {
        var model = new ScriptedModel(_ => ScriptedReply.Text("Context."));
        using KnowledgeBase knowledge = Open(model);
        string path = _folder.Write("docs/a.md", "# A\n\none\n\n## Same\n\nconstant words\n");
        await knowledge.IngestAsync(Scope, [_folder["docs"]]);
        Assert.Equal(2, model.Requests.Count);
        long id = (await knowledge.SearchAsync(Scope, "constant"))[0].Id;

        Assert.Equal(0, (await knowledge.IngestAsync(Scope, [_folder["docs"]])).ChunksEnriched);
        _folder.Write("docs/a.md", "# A\n\nanother\n\n## Same\n\nconstant words\n");
        Assert.Equal(1, (await knowledge.IngestAsync(Scope, [_folder["docs"]])).ChunksEnriched);
        Assert.Equal(3, model.Requests.Count);
        Assert.Equal(id, (await knowledge.SearchAsync(Scope, "constant"))[0].Id);

        int before = model.Requests.Count;
        File.Move(path, _folder["docs/b.md"]);
        IngestReport renamed = await knowledge.IngestAsync(Scope, [_folder["docs"]]);
        Assert.Equal((1, 1, 2), (renamed.Added, renamed.Removed, renamed.ChunksEnriched));
        // The one that was asked about before its neighbour changed is met in another document now.
        Assert.InRange(model.Requests.Count - before, 0, 1);
        Assert.Equal("Context.", (await knowledge.SearchAsync(Scope, "constant"))[0].Context);
    }

    [Fact]
    public async Task Ingest_AnotherModelOrNone_AsksAnewOrKeepsWhatThereIs()
    {
        var first = new ScriptedModel(_ => ScriptedReply.Text("First opinion."));
        var second = new ScriptedModel(_ => ScriptedReply.Text("Second opinion."));
        using (KnowledgeBase knowledge = Open(first)) await IngestAsync(knowledge, ("a", "walrus"));
        using (KnowledgeBase plain = Open(null))
        {
            await IngestAsync(plain, ("a", "walrus"), ("b", "hare"));
            Assert.Equal("First opinion.", (await plain.SearchAsync(Scope, "walrus"))[0].Context);
            Assert.Null((await plain.SearchAsync(Scope, "hare"))[0].Context);
            Assert.Equal(1, (await plain.StatusAsync(Scope)).Contexts);
        }

        using KnowledgeBase other = Open(second, "other");
        Assert.Equal(2, (await IngestAsync(other, ("a", "walrus"))).ChunksEnriched);
        Assert.Equal("Second opinion.", (await other.SearchAsync(Scope, "walrus"))[0].Context);
        Assert.Empty(await other.SearchAsync(Scope, "first", new SearchOptions { Mode = SearchMode.Keyword }));
    }

    [Fact]
    public async Task Ingest_ModelThatFailsForSome_ReportsTheDocumentAndAsksAgainNextTime()
    {
        bool healthy = false;
        var model = new ScriptedModel(asked => healthy || !Passage(asked).Contains("hare") ? ScriptedReply.Text("Fine.") : ScriptedReply.Text(" "));
        using KnowledgeBase knowledge = Open(model);
        IngestReport report = await IngestAsync(knowledge, ("a", "walrus"), ("b", "hare"));
        Assert.Equal(1, report.ChunksEnriched);
        IngestFault fault = Assert.Single(report.NotEnriched);
        Assert.Equal("b", fault.Source);
        Assert.Contains("wrote nothing", fault.Message, StringComparison.Ordinal);
        Assert.Equal("b", (await knowledge.SearchAsync(Scope, "hare"))[0].Source);
        healthy = true;
        Assert.Equal((1, 0), ((await IngestAsync(knowledge)).ChunksEnriched, (await IngestAsync(knowledge)).NotEnriched.Count));
    }

    [Fact]
    public async Task Ingest_ModelThatAlwaysFails_IsNotAskedAboutEveryChunk()
    {
        var model = new ScriptedModel(_ => ScriptedReply.Fail(new UserInputException("messages", "it has no chat template")));
        using KnowledgeBase knowledge = Open(model);
        IngestReport report = await IngestAsync(knowledge, [.. Enumerable.Range(0, 100).Select(i => ($"{i}", $"walrus {i}"))]);
        Assert.InRange(model.Requests.Count, 16, 16 * 6);
        Assert.Contains("no chat template", Assert.Single(report.NotEnriched).Message, StringComparison.Ordinal);
        Assert.Equal(100, (await knowledge.StatusAsync(Scope)).Vectors);
    }

    [Fact]
    public async Task Ingest_StoppedWhileEnriching_KeepsWhatWasAskedAndGoesOn()
    {
        using var stop = new CancellationTokenSource();
        int asked = 0;
        var model = new ScriptedModel(_ =>
        {
            if (++asked == 9) stop.Cancel();
            return ScriptedReply.Text("Context.");
        });
        (string, string)[] texts = [.. Enumerable.Range(0, 20).Select(i => ($"{i}", $"walrus {i}"))];
        using KnowledgeBase knowledge = Open(model);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => IngestAsync(knowledge, stop.Token, texts));
        int kept = (await knowledge.StatusAsync(Scope)).Contexts;
        Assert.Equal(8, kept);
        Assert.Equal(20 - kept, (await IngestAsync(knowledge)).ChunksEnriched);
    }

    [Fact]
    public async Task Remove_Document_LeavesNothingOfItsContext()
    {
        using KnowledgeBase knowledge = Open(new ScriptedModel(_ => ScriptedReply.Text("Secretword.")));
        await IngestAsync(knowledge, ("a", "walrus"));
        await knowledge.RemoveAsync(Scope, "a");
        Assert.Equal(0, (await knowledge.StatusAsync(Scope)).Contexts);
        Assert.Empty(await knowledge.SearchAsync(Scope, "secretword", new SearchOptions { Mode = SearchMode.Keyword }));
    }

    [Fact]
    public async Task Prompt_OfALongDocument_HasItsBeginningAndWhatIsAroundTheChunkAndIsTheSameForNeighbours()
    {
        var prompts = new List<string>();
        var model = new ScriptedModel(asked =>
        {
            lock (prompts) prompts.Add(asked[0].Text);
            return ScriptedReply.Text("Context.");
        });
        using var knowledge = KnowledgeBase.Open(_folder["long.db"], new KnowledgeOptions
        {
            Chunking = new ChunkingOptions { MaxTokens = 64, OverlapTokens = 16 }, Enrichment = new EnrichmentOptions(model) { DocumentCharacters = 2000, AtOnce = 1 },
        });
        string text = string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"Sentence number {i} stands here."));
        await IngestAsync(knowledge, ("long", text));
        string late = prompts.Single(prompt => Passage(prompt).Contains("number 1500 "));
        string document = late[..late.IndexOf("----", StringComparison.Ordinal)];
        Assert.Contains("Sentence number 0 stands", document, StringComparison.Ordinal);
        Assert.Contains("Sentence number 1500 stands", document, StringComparison.Ordinal);
        Assert.DoesNotContain("Sentence number 1200 ", document, StringComparison.Ordinal);
        Assert.InRange(document.Length, 1500, 2200);
        Assert.Equal(2, document.Split("number 1500 ").Length);
        int beginnings = prompts.Select(prompt => prompt[..prompt.IndexOf("----", StringComparison.Ordinal)]).Distinct().Count();
        Assert.True(beginnings < prompts.Count / 2, $"{beginnings} of {prompts.Count}");
    }

    [Fact]
    public async Task Ingest_QuestionThatDoesNotFitTheModel_IsAskedWithLessOfTheDocument()
    {
        var model = new ScriptedModel(asked =>
            asked[0].Text.Length > 2500 ? ScriptedReply.Fail(new UserInputException("messages", "does not fit")) : ScriptedReply.Text("Context."));
        using KnowledgeBase knowledge = Open(model);
        IngestReport report = await IngestAsync(knowledge, ("long", string.Join("\n\n", Enumerable.Range(0, 300).Select(i => $"Line {i} says something."))));
        Assert.Empty(report.NotEnriched);
        Assert.Equal((await knowledge.StatusAsync(Scope)).Chunks, report.ChunksEnriched);
    }

    [Fact]
    public async Task Publish_EnrichedChunk_IsFoundInTheStoreByItsContext()
    {
        using KnowledgeBase knowledge = Open(null);
        await IngestAsync(knowledge, ("a", "It closes at nine."));
        await using var store = new InMemoryVectorStore();
        SharedKnowledge shared = await SharedKnowledge.OpenAsync(store, new KnowledgeOptions { Embedder = new LexicalEmbedder() });
        await shared.PublishAsync(Scope, _folder["k.db"], Scope);
        using (KnowledgeBase enriching = Open(new ScriptedModel(_ => ScriptedReply.Text("About the harbour.")))) await IngestAsync(enriching);
        Assert.Equal(1, (await shared.PublishAsync(Scope, _folder["k.db"], Scope)).Sent);
        Hit hit = Assert.Single(await shared.SearchAsync(Scope, "harbour", new SearchOptions { Mode = SearchMode.Keyword }));
        Assert.Equal("It closes at nine.", hit.Text);
    }

    private static string Passage(IReadOnlyList<ChatMessage> asked) => Passage(asked[0].Text);

    private static string Passage(string prompt) => prompt[prompt.IndexOf("A passage of this document:", StringComparison.Ordinal)..];

    private static Task<IngestReport> IngestAsync(KnowledgeBase knowledge, params (string Source, string Text)[] texts) =>
        IngestAsync(knowledge, CancellationToken.None, texts);

    private static Task<IngestReport> IngestAsync(KnowledgeBase knowledge, CancellationToken stop, params (string Source, string Text)[] texts) =>
        knowledge.IngestAsync(Scope, texts.Select(text => new SourceText(text.Source, text.Text)), cancellationToken: stop);

    private KnowledgeBase Open(IChatClient? model, string name = "script") => KnowledgeBase.Open(_folder["k.db"], new KnowledgeOptions
    {
        Embedder = new LexicalEmbedder(), Enrichment = model is null ? null : new EnrichmentOptions(model) { ModelName = name },
    });
}
