namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval score --json</c>.</summary>
internal sealed record EvalScoreJson(
    string Metric,
    double Score,
    string Signature,
    int Segments,
    double[]? Ci95,
    string? Details,
    IReadOnlyList<double>? Scores,
    EvalScoreJson.Comparison? Baseline)
{
    /// <summary>The baseline and whether the difference could be chance.</summary>
    internal sealed record Comparison(
        double Score, double Difference, double[] DifferenceCi95, double PValue, string Test, int Resamples, int Seed);
}
