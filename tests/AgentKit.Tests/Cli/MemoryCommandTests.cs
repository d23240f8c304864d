using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Memory;
using AgentKit.Kernel.Runs;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public sealed class MemoryCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Remember_Recall_List_Forget_TellOneStory()
    {
        await JsonAsync("remember", "The door code is 4711.");
        JsonElement second = await JsonAsync("remember", "The door code is 9900.");
        Assert.Equal("The door code is 4711.", second.GetProperty("superseded")[0].GetProperty("text").GetString());
        JsonElement found = (await JsonAsync("recall", "door")).GetProperty("facts");
        Assert.Equal("9900", Assert.Single(found.EnumerateArray()).GetProperty("value").GetString());
        Assert.Equal(2, (await JsonAsync("list", "--history")).GetProperty("facts").GetArrayLength());

        string id = found[0].GetProperty("id").GetString()!;
        Assert.Equal(id, (await JsonAsync("forget", id)).GetProperty("facts")[0].GetString());
        Assert.Equal(1, (await JsonAsync("list", "--history")).GetProperty("facts").GetArrayLength());
    }

    [Fact]
    public async Task Runs_ThatHadMemoryAndHaveEnded_AreMadeUpFor()
    {
        var journal = new InMemoryJournal();
        foreach ((string id, string? memory, bool ended) in ((string, string?, bool)[])[("old", "on", true), ("plain", null, true), ("open", "on", false), ("now", "on", true)])
        {
            var settings = new Dictionary<string, string> { ["root"] = "/" };
            if (memory is not null) settings["memory"] = memory;
            AgentEvent[] events = [new AgentEvent.RunStarted("agentkit", "nano", "task", null, [], "me", settings), new AgentEvent.RunFinished(RunStatus.Completed, "done", "stop", null)];
            await journal.AppendAsync(id, 0, ended ? events : events[..1]);
        }

        Assert.Equal(["old"], await RunMemory.RunsWithMemoryAsync(journal, except: "now").ToListAsync());
    }

    [Fact]
    public async Task Core_Written_IsShown()
    {
        await JsonAsync("core", "user", "Ann");
        Assert.Equal("user: Ann\n", (await RunAsync("core")).Out.ReplaceLineEndings("\n"));
        Assert.Equal(0, (await JsonAsync("core", "user", "")).GetProperty("blocks").GetArrayLength());
    }

    [Theory]
    [InlineData("ID", "forget", "f00")]
    [InlineData("--as-of", "list", "--as-of", "yesterday")]
    [InlineData("-k", "recall", "x", "-k", "0")]
    [InlineData("store", "list", "--store", "ftp://host")]
    public async Task WrongInput_IsRefusedWithTheName(string field, params string[] args)
    {
        CliRun run = await RunAsync(args);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(field, run.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        CliRun run = await RunAsync([.. args, "--json"]);
        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        return JsonElement.Parse(run.Out);
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(["memory", .. args, "--data", _folder["home"]]);
}
