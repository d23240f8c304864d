using AgentKit.Eval.Metrics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Statistics;

/// <summary>Whether a difference between two systems on the same segments could be chance.</summary>
public static class PairedTest
{
    /// <summary>
    /// Paired bootstrap resampling (Koehn 2004) with the p-value of sacreBLEU and Moses: the resampled differences are moved to mean zero,
    /// and p is the share of them beyond the observed one, plus one in numerator and denominator.
    /// </summary>
    /// <param name="system">One system.</param>
    /// <param name="baseline">The other, with the same metric.</param>
    /// <param name="resamples">How often to resample, 40 or more.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="cancellationToken">Cancels between resamples.</param>
    /// <exception cref="UserInputException">They differ in signature or number of segments.</exception>
    public static PairedResult Bootstrap(
        ScoredCorpus system, ScoredCorpus baseline, int resamples = 1000, int seed = 12345, CancellationToken cancellationToken = default)
    {
        Check(system, baseline, resamples);
        double[] differences = Resampled(system, baseline, resamples, seed, cancellationToken);
        double[] distances = Array.ConvertAll(differences, Math.Abs);
        double mean = distances.Average();
        double observed = Math.Abs(system.Score - baseline.Score);
        return new(system.Score - baseline.Score, PValue(
            distances.Count(distance => distance - mean > observed), resamples), Statistics.Bootstrap.Percentiles(differences));
    }

    /// <summary>
    /// Approximate randomization (Riezler and Maxwell 2005): segments are exchanged between the systems by the toss of a coin; p is the
    /// share of trials with a larger difference, plus one in numerator and denominator. The interval is from the paired bootstrap.
    /// </summary>
    /// <param name="system">One system.</param>
    /// <param name="baseline">The other, with the same metric.</param>
    /// <param name="trials">How often to exchange, 40 or more.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="cancellationToken">Cancels between trials.</param>
    /// <exception cref="UserInputException">They differ in signature or number of segments.</exception>
    public static PairedResult Randomization(
        ScoredCorpus system, ScoredCorpus baseline, int trials = 10_000, int seed = 12345, CancellationToken cancellationToken = default)
    {
        Check(system, baseline, trials);
        var random = new Random(seed);
        double observed = Math.Abs(system.Score - baseline.Score);
        bool[] exchange = new bool[system.Count];
        int larger = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < exchange.Length; i++) exchange[i] = random.Next(2) == 1;
            (double one, double other) = system.ScoreExchanged(baseline, exchange);
            if (Math.Abs(one - other) > observed) larger++;
        }

        double[] differences = Resampled(system, baseline, Math.Min(trials, 1000), seed, cancellationToken);
        return new(system.Score - baseline.Score, PValue(larger, trials), Statistics.Bootstrap.Percentiles(differences));
    }

    private static double[] Resampled(
        ScoredCorpus system, ScoredCorpus baseline, int resamples, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        int[] drawn = new int[system.Count];
        double[] differences = new double[resamples];
        for (int i = 0; i < resamples; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Statistics.Bootstrap.Draw(random, drawn);
            differences[i] = system.ScoreOf(drawn) - baseline.ScoreOf(drawn);
        }

        return differences;
    }

    // The one added keeps the probability of a false alarm at or below p.
    private static double PValue(int larger, int trials) => (larger + 1.0) / (trials + 1.0);

    private static void Check(ScoredCorpus system, ScoredCorpus baseline, int resamples)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 40);
        if (system.Signature != baseline.Signature || system.Metric.Name != baseline.Metric.Name || system.Count != baseline.Count)
        {
            throw new UserInputException(
                nameof(baseline),
                $"Scores of {baseline.Metric.Name} {baseline.Signature} on {baseline.Count:N0} segments cannot be compared with scores of "
                + $"{system.Metric.Name} {system.Signature} on {system.Count:N0}.");
        }
    }
}
