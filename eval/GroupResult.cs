namespace AgentKit.Eval;

/// <summary>The number of one part of a task.</summary>
/// <param name="Group">Its name.</param>
/// <param name="N">Graded samples.</param>
/// <param name="Value">The value of the metric that stands for the task.</param>
public sealed record GroupResult(string Group, int N, double Value);
