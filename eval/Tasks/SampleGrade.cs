namespace AgentKit.Eval.Tasks;

/// <summary>What an answer is worth.</summary>
/// <param name="Metrics">Values by name; for right or wrong 1 or 0.</param>
/// <param name="Prediction">What counted as the answer, for people.</param>
/// <param name="Expected">What would have been right, for people.</param>
public sealed record SampleGrade(IReadOnlyDictionary<string, double> Metrics, string Prediction, string Expected)
{
    /// <summary>How sure the model was, 0 to 1, where it can be told; for calibration.</summary>
    public double? Confidence { get; init; }

    /// <summary>Why it is wrong, where the grader can say.</summary>
    public string? Reason { get; init; }
}
