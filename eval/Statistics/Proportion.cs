namespace AgentKit.Eval.Statistics;

/// <summary>Intervals and errors of a share of right answers.</summary>
public static class Proportion
{
    /// <summary>The 0.975 quantile of the normal distribution: 95 % lie within so many standard errors.</summary>
    internal const double Normal95 = 1.959963984540054;

    /// <summary>Wilson's score interval (Wilson 1927), 95 %: usable for few samples and for shares near 0 and 1.</summary>
    /// <param name="successes">Right answers.</param>
    /// <param name="trials">All answers, 1 or more.</param>
    public static ConfidenceInterval Wilson(int successes, int trials)
    {
        Check(successes, trials);
        double n = trials, p = successes / n, z = Normal95 * Normal95;
        double middle = (p + z / (2 * n)) / (1 + z / n);
        double half = Normal95 / (1 + z / n) * Math.Sqrt(p * (1 - p) / n + z / (4 * n * n));
        // At the ends rounding would leave the bound beside 0 or 1.
        return new(successes == 0 ? 0 : middle - half, successes == trials ? 1 : middle + half);
    }

    /// <summary>The normal interval, 95 %: the share ± 1.96 standard errors.</summary>
    /// <inheritdoc cref="Wilson"/>
    public static ConfidenceInterval Normal(int successes, int trials)
    {
        Check(successes, trials);
        double p = (double)successes / trials;
        double half = Normal95 * Math.Sqrt(p * (1 - p) / trials);
        return new(p - half, p + half);
    }

    /// <summary>
    /// Unbiased probability that one of k attempts is right (Chen et al. 2021, equation 1): 1 − C(n − c, k) / C(n, k).
    /// </summary>
    /// <param name="attempts">n, at least k.</param>
    /// <param name="right">c, how many of them are right.</param>
    /// <param name="k">k, 1 or more.</param>
    public static double PassAtK(int attempts, int right, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, k);
        Check(right, attempts);
        double none = 1;
        for (int i = attempts - right + 1; i <= attempts && attempts - right >= k; i++) none *= 1 - (double)k / i;
        return attempts - right < k ? 1 : 1 - none;
    }

    /// <summary>
    /// Unbiased probability that k attempts are all right (Yao et al. 2024, tau-bench, section 3): C(c, k) / C(n, k).
    /// </summary>
    /// <inheritdoc cref="PassAtK"/>
    public static double PassHatK(int attempts, int right, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, k);
        Check(right, attempts);
        double all = 1;
        for (int i = 0; i < k; i++) all *= Math.Max(0, right - i) / (double)(attempts - i);
        return all;
    }

    private static void Check(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
    }
}
