namespace AgentKit.Memory.Stores;

/// <summary>Okapi BM25 (Robertson and Zaragoza 2009, equation 3.15) with the constants and the smallest weight of SQLite's FTS5.</summary>
internal static class Bm25
{
    public const double K1 = 1.2;
    public const double B = 0.75;
    public const double LeastWeight = 1e-6;

    /// <summary>What a term is worth that <paramref name="matches"/> of <paramref name="count"/> records have.</summary>
    public static double Weight(long count, long matches) => Math.Max(LeastWeight, Math.Log((count - matches + 0.5) / (matches + 0.5)));

    /// <summary>What its occurrences in a record are worth.</summary>
    /// <param name="frequency">How often it occurs.</param>
    /// <param name="length">Terms of the record.</param>
    /// <param name="meanLength">Terms of a record on average.</param>
    public static double Saturated(double frequency, double length, double meanLength) =>
        frequency * (K1 + 1) / (frequency + (K1 * (1 - B + (B * length / meanLength))));
}
