using AgentKit.Cli.App;
using AgentKit.Cli.Eval;
using AgentKit.Eval.Tasks.Code;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Rewards that need more than the row: a sandbox, another model, settings.</summary>
internal static class RunRewards
{
    private const string Tests = "tests", Length = "length", Judge = "judge";

    /// <summary>All that a configuration can weigh.</summary>
    public static string[] Names { get; } = [.. RewardSet.Names, Tests, Length, Judge];

    /// <summary>Those that a configuration weighs; a judge's path is relative to its folder.</summary>
    public static IEnumerable<Reward> Create(CommandContext context, JsonPlace config, RolloutRunOptions run, string folder)
    {
        IReadOnlyDictionary<string, double> weights = run.Rewards;
        if (weights.ContainsKey(Tests)) yield return new CodeReward(Sandbox());
        if (weights.ContainsKey(Length)) yield return new LengthReward(config.Count("length_limit", 128), config.Count("length_stretch", 64));
        if (weights.ContainsKey(Judge)) yield return Judging(context, config, run, folder);
    }

    private static JudgeReward Judging(CommandContext context, JsonPlace config, RolloutRunOptions run, string folder)
    {
        string path = RunConfigFile.ModelPath(context, config, folder, "judge_model");
        string rubric = config.Field("judge_rubric").Text();
        // Read, not loaded: what is no chat model is refused now, and only the process that trains pays for the weights.
        if (GgufFile.Open(path).FindString("tokenizer.chat_template") is null)
            throw config.Field("judge_model").Fault($"is {path}, which has no chat template", "a model that answers questions is needed");
        LocalModelOptions machine = new() { Threads = run.Threads, GpuLayers = run.Gpu ? null : 0 };
        return new(() => LocalModel.Open(path, machine), rubric, $"sha256 {FileHash.Of(path)}");
    }

    private static Func<string, CancellationToken, Task<bool>> Sandbox()
    {
        var sandbox = new Lazy<Task<CodeSandbox>>(() => CodeSandbox.OpenAsync());
        // A program has a time limit: more of them than CPUs would take it from each other.
        var turns = new SemaphoreSlim(CpuQuota.UsableCpus);
        return async (program, stop) =>
        {
            await turns.WaitAsync(stop);
            try
            {
                return (await (await sandbox.Value).RunAsync(program, stop)).Passed;
            }
            finally
            {
                turns.Release();
            }
        };
    }
}
