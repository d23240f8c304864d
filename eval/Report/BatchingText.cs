using System.Globalization;

namespace AgentKit.Eval.Report;

/// <summary>What batching changed, in a sentence.</summary>
public static class BatchingText
{
    /// <summary>The sentence.</summary>
    /// <param name="batching">What was found.</param>
    public static string Of(BatchingDifference batching)
    {
        ArgumentNullException.ThrowIfNull(batching);
        string moved = batching.LargestLogProbability is { } largest
            ? string.Create(CultureInfo.InvariantCulture, $"log-probabilities moved by at most {largest:0.0e+0}, ")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{batching.Samples} samples computed together and alone: {moved}{batching.Changed} answers changed, the metric by {batching.Metric:+0.0000;-0.0000;0}");
    }
}
