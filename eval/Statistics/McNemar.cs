namespace AgentKit.Eval.Statistics;

/// <summary>Compares two systems that answered the same yes-or-no samples (McNemar 1947).</summary>
public static class McNemar
{
    /// <summary>
    /// The exact two-sided p-value: how likely a fair coin, tossed for each sample that only one system has right, falls as unevenly or
    /// more.
    /// </summary>
    /// <param name="onlyFirst">Samples that only the first system has right.</param>
    /// <param name="onlySecond">Samples that only the second system has right.</param>
    public static double Exact(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        int n = onlyFirst + onlySecond;
        int fewer = Math.Min(onlyFirst, onlySecond);
        // In logarithms: 2⁻ⁿ is zero in double precision beyond 1,074 samples.
        double logTerm = -n * Math.Log(2), tail = 0;
        for (int k = 0; k <= fewer; k++)
        {
            tail += Math.Exp(logTerm);
            logTerm += Math.Log((double)(n - k) / (k + 1));
        }

        return Math.Min(1, 2 * tail);
    }
}
