using AgentKit.Training.Runs;

namespace AgentKit.Bench.Learning;

/// <summary>
/// Whether PPO teaches: from the weak start of <see cref="LearningBenchmark"/>, with the prompts, answers a prompt and reward that GRPO has there. The numbers are shares of
/// right answers, not timings.
/// </summary>
internal static class PpoLearningBenchmark
{
    private const string Weak = "weak start";

    public static async Task RunAsync()
    {
        LearningCases cases = LearningCases.Read("learning-ppo");
        string weak = LearningRuns.TrainWeak(cases);
        PpoRunOptions options = Options(cases, weak);
        Console.WriteLine(
            $"{LearningCases.Prompted} prompts, {options.Generations} answers to each in rounds of {options.BatchSize} prompts, each round learned from {options.Iterations} times in "
            + $"{options.Minibatches} steps; {cases.Held.Count} cases held out. {LearningCases.WeakText}");
        Console.WriteLine();
        BenchReport.PrintHeader("model", "right calls, held out", "against", "won", "lost", "p (exact McNemar)");
        bool[] before = await ToolCallExam.PrintAsync(Weak, cases.Model, weak, cases.HeldPrompts, null, "");
        await ToolCallExam.PrintAsync($"{Weak} + PPO", cases.Model, LearningRuns.Train(options).Adapter, cases.HeldPrompts, before, Weak);
        LearningCurves.Print(cases.Folder, [("ppo", LearningCurves.Earned), ("ppo", "explained_variance"), ("ppo", "value_loss"), ("ppo", "clipped")]);
    }

    private static PpoRunOptions Options(LearningCases cases, string adapter) => new()
    {
        Model = cases.Model,
        Adapter = adapter,
        Data = cases.Prompts,
        Out = cases.Fresh("ppo"),
        Epochs = 1,
        BatchSize = 8,
        Generations = 6,
        Iterations = 2,
        Minibatches = 2,
        MaxNewTokens = 96,
        PackTokens = 2048,
        LearningRate = 5e-4,
        WarmupSteps = 2,
        KlBeta = 0,
        Rewards = new Dictionary<string, double> { ["tool_calls"] = 1, ["tool_names"] = 0.2 },
        Threads = ToolCallExam.Threads,
    };
}
