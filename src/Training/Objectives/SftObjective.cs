namespace AgentKit.Training.Objectives;

/// <summary>
/// Supervised fine-tuning: the weighted mean negative log-likelihood, L = −Σ wₜ·log p(yₜ) / Σ wₜ (maximum likelihood; Ouyang et al. 2022,
/// section 3.5). The weight is 1 on the assistant's tokens, the prompt-loss weight on the others.
/// </summary>
public static class SftObjective
{
    /// <summary>Loss and derivative by the log-probabilities.</summary>
    /// <param name="logProbabilities">Of the target tokens, [tokens].</param>
    /// <param name="weights">Not negative, not all zero, [tokens].</param>
    /// <returns>The loss in nats per unit of weight, and −wₜ / Σ w for each token.</returns>
    /// <exception cref="ArgumentException">The lengths differ or no weight is above 0.</exception>
    public static ObjectiveResult<double[]> Compute(ReadOnlySpan<double> logProbabilities, ReadOnlySpan<double> weights)
    {
        double total = Weights.Sum(weights, logProbabilities.Length);
        double loss = 0;
        var gradient = new double[weights.Length];
        for (int t = 0; t < gradient.Length; t++)
        {
            // A masked token counts for nothing, even one that the model holds to be impossible.
            if (weights[t] == 0) continue;
            loss -= weights[t] * logProbabilities[t] / total;
            gradient[t] = -weights[t] / total;
        }

        return new(loss, gradient);
    }

    /// <summary>Loss and derivative by the logits.</summary>
    /// <param name="logits">[tokens][vocabulary].</param>
    /// <param name="targets">The token that follows each position; any value where the weight is 0. [tokens]</param>
    /// <param name="weights">Not negative, not all zero, [tokens].</param>
    /// <exception cref="ArgumentException">The lengths differ or no weight is above 0.</exception>
    public static ObjectiveResult<double[][]> ComputeFromLogits(double[][] logits, ReadOnlySpan<int> targets, ReadOnlySpan<double> weights)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Length != targets.Length) throw new ArgumentException($"There are {logits.Length} rows of logits and {targets.Length} targets.", nameof(targets));
        double[][] rows = [.. logits.Select(row => Softmax.LogProbabilities(row))];
        var logProbabilities = new double[rows.Length];
        for (int t = 0; t < rows.Length; t++)
        {
            if (weights[t] != 0) logProbabilities[t] = rows[t][targets[t]];
        }

        ObjectiveResult<double[]> result = Compute(logProbabilities, weights);
        var gradient = new double[rows.Length][];
        for (int t = 0; t < rows.Length; t++)
            gradient[t] = weights[t] == 0 ? new double[rows[t].Length] : Softmax.Gradient(rows[t], targets[t], result.Gradient[t]);
        return new(result.Loss, gradient);
    }
}
