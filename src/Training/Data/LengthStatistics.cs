namespace AgentKit.Training.Data;

/// <summary>How long the samples are, in tokens.</summary>
/// <param name="Min">The shortest.</param>
/// <param name="Median">Half are at most this long.</param>
/// <param name="P95">95 of 100 are at most this long.</param>
/// <param name="Max">The longest.</param>
/// <param name="Mean">On average.</param>
public sealed record LengthStatistics(int Min, int Median, int P95, int Max, double Mean)
{
    /// <summary>Statistics of some lengths; all zero when there are none.</summary>
    /// <param name="lengths">In any order.</param>
    public static LengthStatistics Of(IEnumerable<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        return sorted.Length == 0 ? new(0, 0, 0, 0, 0) : new(sorted[0], At(0.5), At(0.95), sorted[^1], sorted.Average());

        int At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
