using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public sealed class IndexCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public IndexCommandTests()
    {
        _folder.Write("docs/guide.md", "# Guide\n\n## Resuming\n\nInterrupted runs are resumed from the journal.\n");
        _folder.Write("docs/note.txt", "Walrus facts.");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Add_Search_Status_Remove_TellOneStory()
    {
        JsonElement added = await JsonAsync("add", _folder["docs"], "--meta", "team=a");
        Assert.Equal((2, 0, 0), (Number(added, "added"), Number(added, "failed"), Number(added, "unchanged")));
        Assert.Equal(2, Number(await JsonAsync("add", _folder["docs"], "--meta", "team=a"), "unchanged"));

        JsonElement hit = (await JsonAsync("search", "how to resume a run")).GetProperty("hits")[0];
        Assert.Equal(_folder["docs/guide.md"], hit.GetProperty("source").GetString());
        Assert.Equal("Guide > Resuming", hit.GetProperty("heading").GetString());
        Assert.Equal(File.ReadAllText(_folder["docs/guide.md"])[Number(hit, "start")..Number(hit, "end")], hit.GetProperty("text").GetString());
        Assert.True(hit.GetProperty("score").GetDouble() > 0);
        Assert.False(hit.TryGetProperty("page", out _));

        JsonElement status = (await JsonAsync("status")).GetProperty("indexes")[0];
        Assert.Equal(("default", 2, 1), (status.GetProperty("name").GetString(), Number(status, "documents"), Number(status.GetProperty("kinds"), "md")));

        Assert.Equal(1, Number(await JsonAsync("remove", _folder["docs/note.txt"]), "removed"));
        Assert.Equal(0, (await JsonAsync("search", "walrus", "--mode", "keyword")).GetProperty("hits").GetArrayLength());
    }

    [Fact]
    public async Task Add_WithABrokenFile_SaysWhichAndEndsWithOne()
    {
        _folder.Write("docs/bad.txt", [0xC3, 0x28]);
        CliRun run = await RunAsync("add", _folder["docs"]);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("bad.txt: Byte 1 is not UTF-8", run.Error, StringComparison.Ordinal);
        Assert.Contains("2 added, 0 updated, 0 unchanged, 0 removed, 1 not read", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_SmallCollection_PrintsTheContractsFields()
    {
        _folder.Write("set/corpus.jsonl", "{\"_id\":\"1\",\"title\":\"Walrus\",\"text\":\"tusks\"}\n{\"_id\":\"2\",\"title\":\"\",\"text\":\"hares\"}\n");
        _folder.Write("set/queries.jsonl", "{\"_id\":\"q\",\"text\":\"a walrus\"}\n");
        _folder.Write("set/qrels.tsv", "query-id\tcorpus-id\tscore\nq\t1\t1\n");
        JsonElement result = await JsonAsync("eval", _folder["set"]);
        Assert.Equal((1.0, 1.0, 1.0, 1), (result.GetProperty("ndcg@10").GetDouble(), result.GetProperty("recall@100").GetDouble(), result.GetProperty("mrr@10").GetDouble(), Number(result, "queries")));
    }

    [EvalDataFact("cranfield/corpus.jsonl")]
    public async Task Eval_Cranfield_ReachesTheDocumentedScores()
    {
        JsonElement result = await JsonAsync("eval", EvalData.PathOf("cranfield")!);
        Assert.Equal(225, Number(result, "queries"));
        Assert.InRange(result.GetProperty("ndcg@10").GetDouble(), 0.515, 0.6);
        Assert.InRange(result.GetProperty("recall@100").GetDouble(), 0.74, 0.8);
    }

    [Theory]
    [InlineData("no knowledge base 'default'", "search", "x")]
    [InlineData("no knowledge base 'gone'", "status", "--name", "gone")]
    [InlineData("--name is '../x'", "add", "docs", "--name", "../x")]
    [InlineData("--chunk-tokens is 5; 32 to 8192", "add", "docs", "--chunk-tokens", "5")]
    [InlineData("--meta is 'x'; key=value", "add", "docs", "--meta", "x")]
    [InlineData("there is no file or folder", "add", "nowhere")]
    [InlineData("there is no folder nowhere", "eval", "nowhere")]
    [InlineData("QUERY is empty", "search", " ")]
    public async Task Index_WrongInput_SaysWhatAndEndsWithTwo(string expected, params string[] args)
    {
        CliRun run = await RunAsync(args);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(["index", .. args, "--data", _folder["home"]]);

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        CliRun run = await RunAsync([.. args, "--json", "--quiet"]);
        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        return JsonElement.Parse(run.Out);
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
