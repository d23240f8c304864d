using AgentKit.Eval.Comparison;

namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval compare --json</c>.</summary>
internal sealed record EvalCompareJson(
    IReadOnlyList<TaskComparison> Tasks, IReadOnlyList<UncomparedTask> Uncompared, string A, string B, int Resamples, int Seed);
