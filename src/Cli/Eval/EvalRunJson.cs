using AgentKit.Eval;

namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval run --json</c>.</summary>
internal sealed record EvalRunJson(
    IReadOnlyList<TaskResult> Tasks, IReadOnlyList<FailedTask> Failed, JudgeCheck? Judge, string Signature, string Out, double Seconds);
