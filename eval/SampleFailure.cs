namespace AgentKit.Eval;

/// <summary>A sample that could not be graded.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Error">Why.</param>
public sealed record SampleFailure(string Id, string Error);
