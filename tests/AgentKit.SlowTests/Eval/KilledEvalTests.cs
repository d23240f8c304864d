using System.Diagnostics;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Eval;

public class KilledEvalTests
{
    private static readonly string[] Tasks = ["arc_easy", "winogrande", "mmlu", "lambada", "gsm8k"];

    [NativeFact]
    public async Task Run_KilledAtRandomAndResumed_LeavesTheFilesOfAnUninterruptedRun()
    {
        using var cli = new ChildCli();
        string whole = Path.Combine(cli.Home, "whole"), killed = Path.Combine(cli.Home, "killed");
        (int exitCode, _, string error) = await cli.RunAsync(null, Command(whole));
        Assert.True(exitCode == 0, error);
        var random = new Random(8);
        int kills = 0;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            using Process process = cli.Start([.. Command(killed), .. attempt > 0 ? ["--resume"] : Array.Empty<string>()]);
            Task<string> output = process.StandardOutput.ReadToEndAsync(), messages = process.StandardError.ReadToEndAsync();
            int wanted = Samples(killed) + random.Next(1, 5);
            // SIGKILL as soon as some more samples are there, wherever the process is then.
            while (!process.HasExited && Samples(killed) < wanted) await Task.Delay(5);
            if (!process.HasExited) kills++;
            process.Kill();
            await process.WaitForExitAsync();
            await Task.WhenAll(output, messages);
        }

        Assert.True(kills >= 3, $"{kills} kills");
        Assert.False(File.Exists(Path.Combine(killed, "results.json")));
        (exitCode, _, error) = await cli.RunAsync(null, [.. Command(killed), "--resume"]);
        Assert.True(exitCode == 0, error);
        string[] files = [.. Directory.EnumerateFiles(whole).Select(path => Path.GetFileName(path)).Order()];
        Assert.Contains("results.json", files);
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(killed, file))));
    }

    private static string[] Command(string folder) => ["eval", "run", .. Tasks, "--samples", "--shots", "1", "--limit", "4", "--threads", "1", "--out", folder];

    private static int Samples(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.samples.jsonl").Sum(file => ReadShared(file).Count(c => c == '\n'))
        : 0;

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
