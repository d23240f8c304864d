namespace AgentKit.Eval;

/// <summary>How far a task has come.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Done">Samples done, those of an earlier process included.</param>
/// <param name="Total">All samples of it.</param>
/// <param name="Errors">Samples that failed.</param>
public readonly record struct EvalProgress(string Task, int Done, int Total, int Errors);
