using System.Numerics.Tensors;

namespace AgentKit.Training.Objectives;

/// <summary>From logits to log-probabilities and back: the chain rule that carries dL/dlog p to dL/dlogits.</summary>
public static class Softmax
{
    /// <summary>Log-probabilities of a row of logits: zᵢ − ln Σⱼ exp zⱼ.</summary>
    /// <param name="logits">One row, [vocabulary].</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <returns>[vocabulary], natural logarithm.</returns>
    public static double[] LogProbabilities(ReadOnlySpan<double> logits, double temperature = 1)
    {
        ArgumentOutOfRangeException.ThrowIfZero(logits.Length, nameof(logits));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        double most = double.NegativeInfinity;
        foreach (double logit in logits) most = Math.Max(most, logit);
        double sum = 0;
        foreach (double logit in logits) sum += Math.Exp((logit - most) / temperature);
        double logSum = Math.Log(sum);
        var result = new double[logits.Length];
        for (int i = 0; i < result.Length; i++) result[i] = ((logits[i] - most) / temperature) - logSum;
        return result;
    }

    /// <summary>Turns a row of logits into log-probabilities in its place.</summary>
    /// <param name="logits">One row, [vocabulary].</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="scratch">As long; overwritten.</param>
    internal static void Normalize(Span<double> logits, double temperature, Span<double> scratch)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<double>(logits), logits);
        if (temperature != 1) TensorPrimitives.Divide(logits, temperature, logits);
        TensorPrimitives.Exp(logits, scratch);
        TensorPrimitives.Subtract(logits, Math.Log(TensorPrimitives.Sum<double>(scratch)), logits);
    }

    /// <summary>The derivative by the logits of a function of one token's log-probability: c·(1[i = target] − pᵢ).</summary>
    /// <param name="logProbabilities">The row's log-probabilities, [vocabulary].</param>
    /// <param name="target">The token.</param>
    /// <param name="coefficient">c, the derivative by the token's log-probability.</param>
    /// <returns>[vocabulary].</returns>
    public static double[] Gradient(ReadOnlySpan<double> logProbabilities, int target, double coefficient)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)target, (uint)logProbabilities.Length, nameof(target));
        var gradient = new double[logProbabilities.Length];
        for (int i = 0; i < gradient.Length; i++) gradient[i] = -coefficient * Math.Exp(logProbabilities[i]);
        gradient[target] += coefficient;
        return gradient;
    }
}
