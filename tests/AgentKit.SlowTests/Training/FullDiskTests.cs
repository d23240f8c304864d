using System.Diagnostics;
using System.Globalization;
using AgentKit.SlowTests.Cli;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Training;

/// <summary>Training onto a file system that becomes full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [SmallDiskFact]
    public async Task Train_DiskFillsUp_SaysSoAndAnEarlierCheckpointGoesOnToTheSameWeights()
    {
        (int exitCode, _, string error) = await _cli.RunAsync(null, "train", "sft", "--config", Config("whole"));
        Assert.True(exitCode == 0, error);
        long checkpoint = Directory.GetFiles(Path.Combine(_cli.Home, "whole"), "checkpoint-*.akt").Max(file => new FileInfo(file).Length);
        string disk = Directory.CreateDirectory(Path.Combine(_cli.Home, "disk")).FullName;

        // Room for one checkpoint and a half: what was written first fits, what comes next does not.
        (exitCode, error) = await OnSmallDiskAsync(disk, checkpoint * 3 / 2, Config("disk/run"));
        Assert.Equal(1, exitCode);
        Assert.Matches("checkpoint of step [0-9]+ cannot be written to .*checkpoint-[0-9]+.akt is intact; make room and go on with --resume", error);

        string kept = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Home, "kept"), "checkpoint-*"));
        Assert.EndsWith("checkpoint-00000003.akt", kept, StringComparison.Ordinal);
        (exitCode, _, error) = await _cli.RunAsync(null, "train", "sft", "--config", Config("kept"), "--resume");
        Assert.True(exitCode == 0, error);
        Assert.Equal(GgufTensors.Of(Adapter("whole")), GgufTensors.Of(Adapter("kept")));
    }

    /// <summary>Trains where <paramref name="disk"/> is so small, and copies the run out of it afterwards.</summary>
    private async Task<(int ExitCode, string Error)> OnSmallDiskAsync(string disk, long bytes, string config)
    {
        string script = $"""
            mount -t tmpfs -o size={bytes.ToString(CultureInfo.InvariantCulture)} tmpfs '{disk}' || exit 99
            dotnet '{ChildCli.Program}' train sft --config '{config}'
            code=$?
            cp -r '{disk}/run' '{Path.Combine(_cli.Home, "kept")}'
            exit $code
            """;
        var start = new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGENTKIT_HOME"] = _cli.Home;
        using Process run = Process.Start(start)!;
        Task<string> output = run.StandardOutput.ReadToEndAsync();
        string error = await run.StandardError.ReadToEndAsync();
        await output;
        await run.WaitForExitAsync();
        return (run.ExitCode, error);
    }

    private string Config(string name)
    {
        TestModel.Create(Path.Combine(_cli.Home, "model.gguf"));
        File.WriteAllLines(Path.Combine(_cli.Home, "data.jsonl"), Enumerable.Range(0, 8).Select(i => $"{{\"instruction\":\"say {i}\",\"output\":\"{(char)('a' + i)}\"}}"));
        string path = Path.Combine(_cli.Home, $"{name.Replace('/', '-')}.json");
        File.WriteAllText(path, $$"""
            { "model": "model.gguf", "data": "data.jsonl", "out": "{{name}}", "max_steps": 9, "epochs": 100, "batch_size": 4,
              "learning_rate": 0.01, "checkpoint_every": 3, "threads": 1, "products": "ggml" }
            """);
        return path;
    }

    private string Adapter(string run) => Path.Combine(_cli.Home, run, "adapter.gguf");
}
