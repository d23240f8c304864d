namespace AgentKit.Eval.Runs;

/// <summary>How likely the model found a choice.</summary>
/// <param name="Text">The choice.</param>
/// <param name="LogProbabilities">ln p of each of its tokens.</param>
/// <param name="IsGreedy">Whether the model would have written it.</param>
public sealed record ChoiceRecord(string Text, IReadOnlyList<double> LogProbabilities, bool IsGreedy);
