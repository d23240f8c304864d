namespace AgentKit.Eval;

/// <summary>What a run found out.</summary>
/// <param name="Tasks">One for each task.</param>
/// <param name="Signature">All about model and run that the numbers depend on.</param>
public sealed record EvalResult(IReadOnlyList<TaskResult> Tasks, string Signature)
{
    /// <summary>Tasks that have no number, because every sample of theirs failed.</summary>
    public IReadOnlyList<FailedTask> Failed { get; init; } = [];

    /// <summary>Whether the judge can be trusted; absent where no task is judged.</summary>
    public JudgeCheck? Judge { get; init; }
}
