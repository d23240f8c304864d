namespace AgentKit.Eval.Contamination;

/// <summary>A question that stands, in part or whole, in a training text.</summary>
/// <param name="Id">The sample's id.</param>
/// <param name="Coverage">The share of the question's words that lie in shared runs, 0 to 1.</param>
/// <param name="Run">The first shared run.</param>
/// <param name="Document">The training document it stands in, counted from 1.</param>
public sealed record ContaminatedSample(string Id, double Coverage, string Run, int Document);
