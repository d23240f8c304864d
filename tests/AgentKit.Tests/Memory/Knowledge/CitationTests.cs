using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Citations;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class CitationTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private static readonly Hit[] Passages =
    [
        Passage(1, "The slow link must be approved before Saturday."),
        Passage(2, "Many people like it. The museum opens at 21:10\non Tuesday, they say."),
    ];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("The museum opens at 21:10 on Tuesday [2].", "The museum opens at 21:10\non Tuesday")]
    [InlineData("Hello. The museum opens at 21:10 on Tuesday. [2]", "The museum opens at 21:10\non Tuesday")]
    [InlineData("It \"opens at 21:10\" [2].", "opens at 21:10")]
    [InlineData("I think the museum opens at 21:10 [2].", "The museum opens at 21:10")]
    public void Check_SupportedCitation_StaysWithItsSpan(string answer, string quote)
    {
        CheckedAnswer result = CitationChecker.Check(answer, Passages);
        Citation citation = Assert.Single(result.Citations);
        Assert.Equal((answer, quote, 0), (result.Text, citation.Quote, result.Removed.Count));
        Assert.Equal(quote, Passages[1].Text[(citation.Start - 1000)..(citation.End - 1000)]);
    }

    [Theory]
    [InlineData("The museum opens at noon on Monday [2].", "The museum opens at noon on Monday.", "4 words in a row")]
    [InlineData("The museum opens at 21:10 on Tuesday [1].", "The museum opens at 21:10 on Tuesday.", "1 words in a row")]
    [InlineData("The museum opens at 21:10 on Tuesday [7].", "The museum opens at 21:10 on Tuesday.", "There are 2 passages")]
    [InlineData("It \"opens at 21:11\" [2].", "It \"opens at 21:11\".", "does not stand in the passage")]
    [InlineData("[2]", "", "no words")]
    public void Check_UnsupportedCitation_IsRemovedAndReported(string answer, string text, string reason)
    {
        CheckedAnswer result = CitationChecker.Check(answer, Passages);
        Assert.Equal((text, 0), (result.Text, result.Citations.Count));
        Assert.Contains(reason, Assert.Single(result.Removed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralMarks_AreCheckedEach()
    {
        CheckedAnswer result = CitationChecker.Check("The slow link must be approved before Saturday [1][2]. Many people like it [2]. No mark.", Passages);
        Assert.Equal("The slow link must be approved before Saturday [1]. Many people like it [2]. No mark.", result.Text);
        Assert.Equal([1, 2], result.Citations.Select(citation => citation.Number));
        Assert.Equal("The slow link must be approved before Saturday", Assert.Single(result.Removed).Claim);
    }

    [Fact]
    public async Task Tool_Calls_NumberPassagesOnAndKeepThem()
    {
        using KnowledgeBase knowledge = KnowledgeBase.Open(_folder["k.db"]);
        await knowledge.IngestAsync(Scope, [new SourceText("zoo/walrus.txt", "The walrus has tusks."), new SourceText("hare.txt", "The hare has ears.")]);
        await knowledge.IngestAsync(new MemoryScope("other", "x"), [new SourceText("secret.txt", "The walrus is secret.")]);
        var tool = new SearchKnowledgeTool(knowledge, Scope);
        Assert.Equal("[1] walrus.txt: The walrus has tusks.", await CallAsync(tool, "walrus"));
        Assert.Equal("[2] hare.txt: The hare has ears.", await CallAsync(tool, "hare"));
        Assert.Equal("[1] walrus.txt: The walrus has tusks.", await CallAsync(tool, "tusks"));
        Assert.Equal("No passages found.", await CallAsync(tool, "otter"));
        await Assert.ThrowsAsync<ToolException>(() => CallAsync(tool, "to be"));
        Assert.Equal(2, tool.Passages.Count);
        Assert.Equal(2, CitationChecker.Check("The hare has ears [2].", tool.Passages).Citations.Single().Number);
        Assert.True(ToolContract.Of(tool).IsHarmless);
    }

    [Fact]
    public async Task Tool_WithLittleRoom_ShowsTheSentencesThatFitAndSaysWhatItLeavesOut()
    {
        using KnowledgeBase knowledge = KnowledgeBase.Open(_folder["k.db"]);
        string filler = string.Join(' ', Enumerable.Range(0, 20).Select(i => $"Sentence {i} is about the sea and its weather."));
        await knowledge.IngestAsync(Scope, [new SourceText("a.txt", $"{filler} The walrus has two tusks. {filler}"), new SourceText("b.txt", $"Walrus. {filler}")]);
        var tool = new SearchKnowledgeTool(knowledge, Scope, maxCharacters: 300);
        string text = (await CallAsync(tool, "tusks of the walrus"))!;
        Assert.Contains("[…] The walrus has two tusks.", text, StringComparison.Ordinal);
        Assert.EndsWith("(1 more found; there is no room for them here.)", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 200, 400);
        Assert.Single(CitationChecker.Check("The walrus has two tusks [1].", tool.Passages).Citations);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SearchKnowledgeTool(knowledge, Scope, maxCharacters: 199));
    }

    private static async Task<string?> CallAsync(AIFunction tool, string query) =>
        (await tool.InvokeAsync(new AIFunctionArguments { ["query"] = query }))?.ToString();

    private static Hit Passage(int number, string text) => new(number, $"{number}.txt", "", null, "", 1000, 1000 + text.Length, 1, text, "", "");
}
