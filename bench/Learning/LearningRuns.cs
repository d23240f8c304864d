using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>The training that the learning benchmarks share.</summary>
internal static class LearningRuns
{
    /// <summary>Fine-tuning, on an adapter or from nothing.</summary>
    public static SftOptions Sft(LearningCases cases, string name, string data, string? adapter) => new()
    {
        Model = cases.Model,
        Adapter = adapter,
        Data = data,
        Out = cases.Fresh(name),
        Lora = new() { Rank = 16, Alpha = 32 },
        Epochs = 1,
        BatchSize = 8,
        PackTokens = 2048,
        LearningRate = 1e-3,
        WarmupSteps = 2,
        Threads = ToolCallExam.Threads,
    };

    /// <summary>Trains the adapter that refuses most requests.</summary>
    /// <returns>Its path.</returns>
    public static string TrainWeak(LearningCases cases) => Train(Sft(cases, "weak", cases.Refusing, null)).Adapter;

    /// <summary>Runs a training and says on the error stream how it goes.</summary>
    public static TrainingResult Train(RunOptions options) => TrainingRun.Run(options, resume: false, TimeProvider.System, progress: Progress);

    private static void Progress(TrainingStep step)
    {
        string reward = step.Metrics?.TryGetValue("reward_tool_calls", out double earned) == true ? $", right calls {earned:0.00}" : "";
        Console.Error.WriteLine($"step {step.Step}: loss {step.Loss:0.0000}{reward}, {step.TokensPerSecond:0} tokens/s");
    }
}
