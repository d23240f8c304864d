using System.Diagnostics;
using System.Text.Json;
using AgentKit.SlowTests.Cli;

namespace AgentKit.SlowTests.Memory;

public sealed class WatchedKnowledgeTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [UnixFact]
    public async Task Watch_WhileFilesChange_KeepsUpUntilItIsStopped()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "docs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(docs, "a.md"), "# A\n\nThe walrus.\n");
        using Process watch = _cli.Start("index", "watch", docs);
        Assert.StartsWith("1 added, 0 updated", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(docs, "b.md"), "# B\n\nThe otter.\n");
        Assert.StartsWith("1 added, 0 updated, 1 unchanged", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        File.Delete(Path.Combine(docs, "a.md"));
        Assert.StartsWith("0 added, 0 updated, 1 unchanged, 1 removed", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        (_, JsonElement found, _) = await _cli.RunJsonAsync("index", "search", "walrus otter", "--mode", "keyword");
        Assert.Equal(["b.md"], found.GetProperty("hits").EnumerateArray().Select(hit => Path.GetFileName(hit.GetProperty("source").GetString()!)));
        using (Process kill = Process.Start("kill", ["-s", "INT", $"{watch.Id}"])) await kill.WaitForExitAsync();
        string error = await watch.StandardError.ReadToEndAsync();
        await watch.WaitForExitAsync();
        Assert.True(watch.ExitCode == 130, error);
        Assert.Contains("goes on from there", error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Watch_WhenOneOfItsFoldersVanishes_GoesOnWithTheOthers()
    {
        string one = Directory.CreateDirectory(Path.Combine(_cli.Home, "one")).FullName;
        string other = Directory.CreateDirectory(Path.Combine(_cli.Home, "other")).FullName;
        await File.WriteAllTextAsync(Path.Combine(one, "a.md"), "# A\n\nThe walrus.\n");
        await File.WriteAllTextAsync(Path.Combine(other, "b.md"), "# B\n\nThe otter.\n");
        using Process watch = _cli.Start("index", "watch", one, other);
        Assert.StartsWith("2 added, 0 updated", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        Directory.Delete(one, recursive: true);
        Assert.StartsWith("0 added, 0 updated, 1 unchanged, 1 removed", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(other, "c.md"), "# C\n\nThe hare.\n");
        Assert.StartsWith("1 added, 0 updated, 1 unchanged", await watch.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        watch.Kill();
        await watch.WaitForExitAsync();
    }

    /// <remarks>The shipped model was not trained for it; the test is about the way there, not about quality.</remarks>
    [Fact]
    public async Task Search_Reranked_AsksTheModelAboutEachHit()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "docs")).FullName;
        for (int i = 0; i < 4; i++) await File.WriteAllTextAsync(Path.Combine(docs, $"{i}.md"), $"The walrus has {i} tusks.\n");
        Assert.Equal(0, (await _cli.RunAsync(null, "index", "add", docs)).ExitCode);
        (int exitCode, JsonElement found, string error) = await _cli.RunJsonAsync("index", "search", "walrus tusks", "--rerank", "nano", "-k", "3");
        Assert.True(exitCode == 0, error);
        double[] scores = [.. found.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("score").GetDouble())];
        Assert.Equal(3, scores.Length);
        Assert.All(scores, score => Assert.True(score < 0));
        Assert.Equal(scores.OrderDescending(), scores);
        (exitCode, _, error) = await _cli.RunJsonAsync("index", "search", "walrus", "--rerank", "nothing-of-that-name");
        Assert.Equal(2, exitCode);
        Assert.Contains("--rerank", error, StringComparison.Ordinal);
    }
}
