using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentKit.Models.Gguf;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Kernels;

namespace AgentKit.SlowTests.Training;

/// <summary>Training in a process of its own that is killed, or asked to stop, again and again.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    private const int Killed = 128 + 9;

    /// <summary>More moments than the usual few with <c>AGENTKIT_TRAINING_KILLS=50</c>.</summary>
    private static readonly int Kills = int.TryParse(System.Environment.GetEnvironmentVariable("AGENTKIT_TRAINING_KILLS"), out int kills) ? kills : 5;

    /// <summary>More than are made between the kills.</summary>
    private static readonly int Steps = 40 * Kills;

    /// <summary>Chosen, not measured: runs that are compared must multiply in the same way.</summary>
    private static readonly string Products = Tile.IsSupported ? "own" : "ggml";

    /// <summary>What each kind of training is told beside what all are. Together: rounds of answers, a value head, a teacher, measurements, averages, the best weights.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["sft"] = "\"batch_size\": 8",
        ["ppo"] = "\"batch_size\": 2, \"generations\": 3, \"iterations\": 2, \"minibatches\": 2, \"max_new_tokens\": 5, \"parallel\": 1, \"kl_beta\": 0.01, "
            + "\"rewards\": { \"length\": 1 }, \"length_limit\": 1, \"length_stretch\": 4",
        ["distill"] = "\"batch_size\": 4, \"teacher\": \"teacher.gguf\", \"sft_weight\": 0.3, \"eval_data\": \"held.jsonl\", \"eval_every\": 2, \"average_decay\": 0.8, "
            + "\"early_stop_patience\": 1000, \"early_stop_metric\": \"agreement\"",
    };

    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [NativeTheory]
    [InlineData("sft")]
    [InlineData("ppo")]
    [InlineData("distill")]
    public async Task Killed_AtManyMoments_ResumesToTheSameWeights(string command)
    {
        string whole = Config("whole", command), killed = Config("killed", command);
        (int wholeCode, _, string wholeError) = await _cli.RunAsync(null, "train", command, "--config", whole);
        Assert.True(wholeCode == 0, wholeError);
        var random = new Random(5);
        int kills = 0, exitCode;
        do
        {
            int last = StepsOf("killed") + random.Next(1, 6);
            using Process run = _cli.Start("train", command, "--config", killed, "--resume");
            Task<string> error = run.StandardError.ReadToEndAsync();
            while (!run.HasExited && StepsOf("killed") < last) await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 10)), TimeProvider.System);
            run.Kill();
            await run.WaitForExitAsync();
            exitCode = run.ExitCode;
            if (exitCode == Killed) kills++;
            else Assert.True(exitCode == 0, await error);
        }
        while (exitCode != 0 && kills < Kills);

        Assert.Equal(Kills, kills);
        Assert.Equal(0, (await _cli.RunAsync(null, "train", command, "--config", killed, "--resume")).ExitCode);
        Assert.Equal(GgufTensors.Of(Adapter("whole")), GgufTensors.Of(Adapter("killed")));
        if (command == "ppo") Assert.Equal(ValueHead("whole"), ValueHead("killed"));
        Assert.Equal(Steps, StepsOf("killed"));
        Assert.Equal(Enumerable.Range(1, Steps), File.ReadLines(Path.Combine(_cli.Home, "killed", "metrics.jsonl")).Select(StepOf));
    }

    [NativeFact]
    public async Task NativeAbort_IsReportedWithItsCauseAndTheWayOn()
    {
        using Process run = _cli.Start("train", "sft", "--config", Config("aborted", steps: 100_000));
        await CheckpointAsync("aborted");
        int worker = WorkerOf(run);
        // As abort() does: the runtime's handler takes the first one and restores the default, which takes the second.
        await Signal("-ABRT", $"{worker}");
        await Signal("-ABRT", $"{worker}");
        string error = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("SIGABRT, native code gave up", error, StringComparison.Ordinal);
        Assert.Matches("The checkpoint of step [0-9]+ is intact; go on with: agentkit train sft --config .* --resume", error);
    }

    [NativeTheory]
    [InlineData("-TERM", false)]
    [InlineData("-INT", true)]
    public async Task AskedToStop_WhileTraining_ExitsWith130AndSaysHowToResume(string signal, bool both)
    {
        string config = Config("stopped", steps: 100_000);
        using Process run = _cli.Start("train", "sft", "--config", config);
        await CheckpointAsync("stopped");
        // A terminal's Ctrl-C reaches the worker as well, and then the word of the process that started it.
        await Signal(both ? [signal, $"{run.Id}", $"{WorkerOf(run)}"] : [signal, $"{run.Id}"]);
        string error = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        Assert.Equal(130, run.ExitCode);
        Assert.Contains($"agentkit train sft --config {config} --resume", error, StringComparison.Ordinal);
        int reached = StepsOf("stopped");
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_cli.Home, "stopped"), $"checkpoint-*{reached}.akt"));
    }

    private int StepsOf(string run)
    {
        string metrics = Path.Combine(_cli.Home, run, "metrics.jsonl");
        return File.Exists(metrics) ? File.ReadLines(metrics).Count() : 0;
    }

    private async Task CheckpointAsync(string run)
    {
        string folder = Path.Combine(_cli.Home, run);
        while (!Directory.Exists(folder) || Directory.GetFiles(folder, "checkpoint-*.akt").Length == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    private static async Task Signal(params string[] arguments)
    {
        using Process kill = Process.Start("kill", arguments);
        await kill.WaitForExitAsync();
    }

    private static int WorkerOf(Process run) => Process.GetProcesses().Select(process => process.Id).First(id => ParentOf(id) == run.Id);

    private static int ParentOf(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    private static int StepOf(string line) => JsonElement.Parse(line).GetProperty("step").GetInt32();

    private string Config(string name, string command = "sft", int? steps = null)
    {
        string Row(int i) => command == "ppo"
            ? $"{{\"prompt\":\"say {i}\",\"reward\":{{}}}}"
            : $"{{\"instruction\":\"say {i}\",\"output\":\"{(char)('a' + i)}{(char)('a' + i)}\"}}";
        TestModel.Create(Path.Combine(_cli.Home, "model.gguf"));
        TestModel.Create(Path.Combine(_cli.Home, "teacher.gguf"), new() { Layers = 3 }, seed: 2);
        File.WriteAllLines(Path.Combine(_cli.Home, "data.jsonl"), Enumerable.Range(0, 20).Select(Row));
        File.WriteAllLines(Path.Combine(_cli.Home, "held.jsonl"), Enumerable.Range(20, 5).Select(Row));
        string path = Path.Combine(_cli.Home, $"{name}.json");
        File.WriteAllText(path, $$"""
            { "model": "model.gguf", "data": "data.jsonl", "out": "{{name}}", "max_steps": {{steps ?? Steps}}, "epochs": 100000,
              "learning_rate": 0.01, "checkpoint_every": 3, "threads": 1, "products": "{{Products}}", {{Settings[command]}} }
            """);
        return path;
    }

    private string Adapter(string run) => Path.Combine(_cli.Home, run, "adapter.gguf");

    private double[] ValueHead(string run) => GgufFile.Open(Adapter(run)).Metadata["agentkit.value_head"].AsNumbers();
}
