using System.Text.Json;
using AgentKit.Agents;
using AgentKit.Cli.Index;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Citations;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Cli;

/// <summary>Runs that search knowledge: what they cite comes from the journal, not from another search.</summary>
public sealed class KnowledgeRunTests : IDisposable
{
    private readonly ScratchFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Show_CitationsThatHold_AreInTheDocumentAndOthersAreReported()
    {
        await RecordAsync("The walrus has two long tusks [1]. The walrus flies [1]. It swims [7].");
        JsonElement run = await JsonAsync("runs", "show", "r1");
        Assert.Equal("The walrus has two long tusks [1]. The walrus flies. It swims.", run.GetProperty("answer").GetString());
        JsonElement citation = Assert.Single(run.GetProperty("citations").EnumerateArray());
        Assert.Equal("zoo/walrus.txt", citation.GetProperty("source").GetString());
        Assert.Equal("The walrus has two long tusks", citation.GetProperty("quote").GetString());
        Assert.Equal((0, 29), (citation.GetProperty("start").GetInt32(), citation.GetProperty("end").GetInt32()));
        Assert.Equal([1, 7], run.GetProperty("removed_citations").EnumerateArray().Select(one => one.GetProperty("number").GetInt32()));
        Assert.False(run.GetProperty("steps")[1].TryGetProperty("data", out _));
    }

    [Fact]
    public async Task Replay_AfterTheKnowledgeIsGone_ShowsTheSameCheckedAnswer()
    {
        await RecordAsync("The walrus has two long tusks [1]. It swims [7].");
        File.Delete(_data["k.db"]);
        CliRun replay = await RunAsync("runs", "replay", "r1");
        Assert.Equal(0, replay.ExitCode);
        Assert.Equal(["The walrus has two long tusks [1]. It swims.", "  [1] zoo/walrus.txt"], replay.Out.Split(Environment.NewLine)[..2]);
        Assert.Contains("removed the citation [7] of \"It swims\"", replay.Error, StringComparison.Ordinal);
        JsonElement document = await JsonAsync("runs", "replay", "r1");
        Assert.Equal(1, document.GetProperty("citations").GetArrayLength());
    }

    [Fact]
    public async Task Tool_OfARunThatGoesOn_NumbersPassagesOn()
    {
        await RecordAsync("The walrus has two long tusks [1].");
        await using var journal = SqliteJournal.Open(_data["journal.db"]);
        RunView run = (await RunView.LoadAsync(journal, "r1"))!;
        IReadOnlyList<Hit> passages = SearchKnowledgeTool.PassagesOf(run.Steps.Select(step => step.Data).OfType<JsonElement>());
        using KnowledgeBase knowledge = KnowledgeBase.Open(_data["k.db"]);
        var tool = new SearchKnowledgeTool(knowledge, KnowledgeName.Scope, passages: passages);
        Assert.Equal("[2] hare.txt: The hare has long ears.", $"{await tool.InvokeAsync(new() { ["query"] = "hare" })}");
        Assert.StartsWith("[1] walrus.txt", $"{await tool.InvokeAsync(new() { ["query"] = "walrus" })}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithAKnowledgeBaseThatIsNotThere_SaysSoBeforeItBegins()
    {
        CliRun run = await RunAsync("run", "Who?", "--knowledge", "nowhere");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--knowledge: there is no knowledge base 'nowhere'", run.Error, StringComparison.Ordinal);
    }

    private async Task RecordAsync(string answer)
    {
        using KnowledgeBase knowledge = KnowledgeBase.Open(_data["k.db"]);
        await knowledge.IngestAsync(
            KnowledgeName.Scope, [new SourceText("zoo/walrus.txt", "The walrus has two long tusks."), new SourceText("hare.txt", "The hare has long ears.")]);
        var model = new ScriptedModel(
            ScriptedReply.Call(SearchKnowledgeTool.ToolName, new { query = "walrus" }), ScriptedReply.Text(answer));
        await using var journal = SqliteJournal.Open(_data["journal.db"]);
        await using var agent = new Agent(model, new AgentOptions { Journal = journal, Tools = [new SearchKnowledgeTool(knowledge, KnowledgeName.Scope)] });
        await foreach (AgentEvent e in agent.RunStreamingAsync("What has tusks?", "r1")) Assert.NotNull(e);
    }

    private async Task<JsonElement> JsonAsync(params string[] args) =>
        JsonSerializer.Deserialize<JsonElement>((await RunAsync([.. args, "--json"])).Out);

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync([.. args, "--data", _data.Path]);
}
