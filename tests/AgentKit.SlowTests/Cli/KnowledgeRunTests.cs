using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

/// <summary>The README's example of a run with knowledge, with the shipped model.</summary>
public sealed class KnowledgeRunTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Run_WithKnowledge_SearchesItAndCitesOnlyWhatHolds()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "docs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(docs, "runs.md"), "# Runs\n\nInterrupted runs are resumed with the command runs resume.\n");
        Assert.Equal(0, (await _cli.RunAsync(null, "index", "add", docs, "--name", "handbook")).ExitCode);
        (int exitCode, JsonElement run, string error) =
            await _cli.RunJsonAsync("run", "What does the handbook say about interrupted runs?", "--knowledge", "handbook");
        Assert.True(exitCode == 0, error);
        JsonElement search = Assert.Single(run.GetProperty("steps").EnumerateArray(), step => step.TryGetProperty("name", out JsonElement name) && name.GetString() == "search_knowledge");
        Assert.StartsWith("[1] runs.md: ", search.GetProperty("result").GetString(), StringComparison.Ordinal);
        Assert.All(run.GetProperty("citations").EnumerateArray(), citation => Assert.EndsWith("runs.md", citation.GetProperty("source").GetString(), StringComparison.Ordinal));

        (_, JsonElement replayed, _) = await _cli.RunJsonAsync("runs", "replay", run.GetProperty("run_id").GetString()!);
        Assert.Equal(run.GetProperty("answer").GetString(), replayed.GetProperty("answer").GetString());
        Assert.True(JsonElement.DeepEquals(run.GetProperty("citations"), replayed.GetProperty("citations")));
    }
}
