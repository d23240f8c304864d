using System.Diagnostics;
using AgentKit.SlowTests.Cli;

namespace AgentKit.SlowTests.Memory;

/// <summary><c>index add</c> as a user stops it: the process ends soon, says how to go on, and what it had read is there.</summary>
public sealed class InterruptedIngestTests : IDisposable
{
    private const int Files = 6000;
    private const int LinesOfTheLarge = 400_000;

    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [UnixFact]
    public Task Interrupt_WhileManyFilesAreRead_EndsWith130AndKeepsWhatWasRead() => StopAndGoOnAsync("INT", "lexical");

    [UnixFact]
    public Task Terminate_WhileManyFilesAreRead_EndsWith130AndKeepsWhatWasRead() => StopAndGoOnAsync("TERM", "none");

    [UnixFact]
    public async Task Signal_WhileOneLargeFileIsRead_EndsWith130AndLeavesNothingOfIt()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "large")).FullName;
        File.WriteAllText(Path.Combine(docs, "a.md"), "# First\n\nA small file.\n");
        File.WriteAllLines(Path.Combine(docs, "b.md"), Enumerable.Range(0, LinesOfTheLarge).Select(i => $"# Part {i}\n\nWord{i} and some more words of this part."));
        (int exitCode, string error) = await InterruptAsync("INT", docs, "none", "reading");
        Assert.True(exitCode == 130, $"exit code {exitCode}: {error}");
        (_, var document, _) = await _cli.RunJsonAsync("index", "status");
        Assert.Equal(1, document.GetProperty("indexes")[0].GetProperty("documents").GetInt32());
    }

    private async Task StopAndGoOnAsync(string signal, string embedder)
    {
        string docs = WriteMany();
        (int exitCode, string error) = await InterruptAsync(signal, docs, embedder, "reading 10 %");
        Assert.True(exitCode == 130, $"exit code {exitCode}: {error}");
        Assert.Contains("goes on from there", error, StringComparison.Ordinal);

        (int again, var document, _) = await _cli.RunJsonAsync("index", "add", docs, "--embedder", embedder);
        Assert.Equal(0, again);
        Assert.True(document.GetProperty("unchanged").GetInt32() > 0, "nothing of the first run was kept");
        Assert.Equal(Files, document.GetProperty("unchanged").GetInt32() + document.GetProperty("added").GetInt32());
    }

    /// <summary>Sends the signal when standard error has a line like this one; the process has to end by it.</summary>
    private async Task<(int ExitCode, string Error)> InterruptAsync(string signal, string docs, string embedder, string line)
    {
        using Process process = _cli.Start("index", "add", docs, "--embedder", embedder);
        string error = "";
        while (!error.Contains(line, StringComparison.Ordinal))
            error += await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"ended before it could be stopped: {error}");
        using (Process kill = Process.Start("kill", ["-s", signal, $"{process.Id}"])) await kill.WaitForExitAsync();
        error += await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    private string WriteMany()
    {
        string docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "many")).FullName;
        var random = new Random(3);
        for (int i = 0; i < Files; i++)
        {
            string words = string.Join(' ', Enumerable.Range(0, 600).Select(_ => $"word{random.Next(3000)}"));
            File.WriteAllText(Path.Combine(docs, $"{i:d4}.md"), $"# Page {i}\n\n{words}.\n");
        }

        return docs;
    }
}
