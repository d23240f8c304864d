namespace AgentKit.Eval.Statistics;

/// <summary>Intervals from resampling with replacement (Efron 1979).</summary>
public static class Bootstrap
{
    /// <summary>The percentile interval, 95 %, of any statistic.</summary>
    /// <param name="count">Number of samples.</param>
    /// <param name="statistic">The value for samples given by index, some of them several times.</param>
    /// <param name="resamples">How often to resample, 40 or more.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    /// <param name="cancellationToken">Cancels between resamples.</param>
    public static ConfidenceInterval Interval(
        int count, Func<IReadOnlyList<int>, double> statistic, int resamples = 1000, int seed = 12345,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 40);
        var random = new Random(seed);
        int[] drawn = new int[count];
        double[] values = new double[resamples];
        for (int i = 0; i < resamples; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Draw(random, drawn);
            values[i] = statistic(drawn);
        }

        return Percentiles(values);
    }

    /// <summary>The interval of a mean, 95 %.</summary>
    /// <param name="values">The samples' values.</param>
    /// <param name="resamples">How often to resample, 40 or more.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    public static ConfidenceInterval Mean(IReadOnlyList<double> values, int resamples = 1000, int seed = 12345)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Interval(values.Count, drawn => drawn.Average(i => values[i]), resamples, seed);
    }

    internal static void Draw(Random random, int[] drawn)
    {
        for (int i = 0; i < drawn.Length; i++) drawn[i] = random.Next(drawn.Length);
    }

    /// <summary>What remains when the fortieth part is cut off at either end.</summary>
    internal static ConfidenceInterval Percentiles(double[] values)
    {
        Array.Sort(values);
        return new(values[values.Length / 40], values[values.Length - values.Length / 40 - 1]);
    }
}
