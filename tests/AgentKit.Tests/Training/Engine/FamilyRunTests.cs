using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Whole runs and commands on the families whose blocks are not llama's.</summary>
public sealed class FamilyRunTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    public void Resume_AfterAStop_EndsWithTheSameWeights(string architecture)
    {
        SftOptions options = Options(architecture);
        TrainingResult whole = Run(options);
        SftOptions other = options with { Out = _folder["resumed"] };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(other, stopAfter: stop));
        TrainingResult resumed = Run(other, resume: true);
        Assert.Equal(GgufTensors.Of(whole.Adapter), GgufTensors.Of(resumed.Adapter));
        Assert.True(whole.Summary.LossLast < whole.Summary.LossFirst, $"{whole.Summary}");
    }

    [NativeFact]
    public async Task Commands_OnAFusedAdapter_InspectMergeAndExport()
    {
        SftOptions options = Options("phi3");
        string adapter = Run(options).Adapter;
        CliRun inspect = await CliRun.OfAsync("train", "inspect", adapter, "-m", options.Model, "--json");
        Assert.Equal(ExitCode.Done, inspect.ExitCode);
        Assert.Equal(["attn_qkv", "attn_output", "ffn_up", "ffn_down"], JsonDocument.Parse(inspect.Out).RootElement.GetProperty("targets").EnumerateArray().Select(name => name.GetString()));
        CliRun merge = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", options.Model, "--json");
        Assert.Equal((ExitCode.Done, 12), (merge.ExitCode, JsonDocument.Parse(merge.Out).RootElement.GetProperty("matrices").GetInt32()));
        CliRun export = await CliRun.OfAsync("train", "export", adapter, _folder["peft"], "-m", options.Model, "--json");
        Assert.Equal(ExitCode.Done, export.ExitCode);
        int[] tokens = [.. Enumerable.Range(0, 24).Select(t => (t * 37 + 11) % 300)];
        float[][] merged = LlamaReference.Logits(_folder["merged.gguf"], tokens, 1), beside = LlamaReference.Logits(options.Model, tokens, 1, adapter);
        Assert.InRange(EngineCheck.Difference(merged, beside), 0, 1e-4);
    }

    private SftOptions Options(string architecture) => new()
    {
        Model = FamilyModels.Create(_folder["model.gguf"], architecture),
        Data = _folder.Write("data.jsonl", string.Join('\n', Enumerable.Range(0, 6).Select(i => $"{{\"instruction\":\"say {i}\",\"output\":\"{(char)('a' + i)}\"}}"))),
        Out = _folder["run"],
        Lora = new() { Rank = 4, Alpha = 8 },
        MaxSteps = 5,
        Epochs = 10,
        BatchSize = 3,
        PackTokens = 64,
        LearningRate = 0.01,
        CheckpointEvery = 2,
        Threads = 1,
    };

    private static TrainingResult Run(SftOptions options, bool resume = false, CancellationTokenSource? stopAfter = null) => TrainingRun.Run(
        options, resume, TimeProvider.System, progress: step => StopAt(step, stopAfter), stop: stopAfter?.Token ?? default);

    private static void StopAt(TrainingStep step, CancellationTokenSource? stop)
    {
        if (step.Step == 3) stop?.Cancel();
    }
}
