namespace AgentKit.Training.Objectives;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024, equation 8): with r = log π(y)/π_ref(y) over a whole completion and z₀ an estimate of
/// KL(π‖π_ref), L = λ_D·(1 − σ(β(r − z₀))) for desirable and λ_U·(1 − σ(β(z₀ − r))) for undesirable completions, averaged over rows.
/// </summary>
public static class KtoObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="rows">One or more; every completion with reference values.</param>
    /// <param name="kl">z₀, a constant in the derivative. The paper takes a batch's mean log-ratio of mismatched pairs, and 0 where that is negative.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <returns>The loss and one array for each row.</returns>
    /// <exception cref="ArgumentException">The batch is empty, or a completion has no tokens or no reference.</exception>
    public static ObjectiveResult<double[][]> Compute(IReadOnlyList<LabelledCompletion> rows, double kl, KtoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(rows, nameof(rows));
        double loss = 0;
        var gradient = new double[rows.Count][];
        for (int i = 0; i < gradient.Length; i++)
        {
            CompletionLogProbabilities completion = rows[i].Completion;
            if (completion.Tokens == 0) throw new ArgumentException("A completion has no tokens.", nameof(rows));
            double ratio = completion.Policy.Sum() - completion.RequiredReference().Sum();
            double direction = rows[i].Desirable ? 1 : -1;
            double weight = rows[i].Desirable ? options.DesirableWeight : options.UndesirableWeight;
            double scaled = direction * options.Beta * (ratio - kl);
            // 1 − σ(x) = σ(−x), and σ' = σ(x)·σ(−x).
            double off = StableMath.Sigmoid(-scaled);
            loss += weight * off / rows.Count;
            double slope = -weight * direction * options.Beta * off * StableMath.Sigmoid(scaled);
            gradient[i] = DpoObjective.Spread(completion.Tokens, slope / rows.Count, mean: false);
        }

        return new(loss, gradient);
    }
}
