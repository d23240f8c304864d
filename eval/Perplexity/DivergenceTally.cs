using System.Numerics.Tensors;

namespace AgentKit.Eval.Perplexity;

/// <summary>Adds up position after position.</summary>
/// <param name="positions">How many there will be.</param>
internal sealed class DivergenceTally(int positions)
{
    private static readonly double[] Percents = [0, 1, 5, 10, 50, 90, 95, 99, 99.9, 100];

    private readonly double[] _divergences = new double[positions];
    private int _count;
    private int _sameTop;
    private double _changes;
    private double _squaredChanges;
    private double _logs;
    private double _baseLogs;

    /// <param name="logits">The model's, [vocab].</param>
    /// <param name="baseLogits">The base's, [vocab].</param>
    /// <param name="token">The token that the text has.</param>
    public void Add(ReadOnlySpan<float> logits, ReadOnlySpan<float> baseLogits, int token)
    {
        (double sum, double baseSum) = (LogSumExp(logits), LogSumExp(baseLogits));
        double divergence = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double baseLog = baseLogits[i] - baseSum;
            divergence += Math.Exp(baseLog) * (baseLog - (logits[i] - sum));
        }

        (double log, double logOfBase) = (logits[token] - sum, baseLogits[token] - baseSum);
        double change = Math.Exp(log) - Math.Exp(logOfBase);
        _divergences[_count++] = divergence;
        _changes += change;
        _squaredChanges += change * change;
        _logs -= log;
        _baseLogs -= logOfBase;
        _sameTop += TensorPrimitives.IndexOfMax(logits) == TensorPrimitives.IndexOfMax(baseLogits) ? 1 : 0;
    }

    public DivergenceResult Result(int chunks, int length, string signature)
    {
        double mean = _divergences.Average();
        double variance = _divergences.Average(d => (d - mean) * (d - mean));
        double[] sorted = [.. _divergences.Order()];
        return new()
        {
            Mean = mean,
            StandardError = Math.Sqrt(variance / Math.Max(1, _count - 1)),
            Percentiles = Percents.ToDictionary(percent => percent, percent => Percentile(sorted, percent / 100)),
            SameTop = (double)_sameTop / _count,
            RootMeanSquareProbabilityChange = Math.Sqrt(_squaredChanges / _count),
            MeanProbabilityChange = _changes / _count,
            Perplexity = Math.Exp(_logs / _count),
            BasePerplexity = Math.Exp(_baseLogs / _count),
            TokensScored = _count,
            Chunks = chunks,
            ContextLength = length,
            Signature = signature,
        };
    }

    private static double Percentile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double max = TensorPrimitives.Max(logits), sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - max);
        return max + Math.Log(sum);
    }
}
