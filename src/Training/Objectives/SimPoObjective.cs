namespace AgentKit.Training.Objectives;

/// <summary>
/// Simple preference optimization (Meng et al. 2024, equation 6), which needs no reference model:
/// L = −ln σ(β·mean log π(y⁺) − β·mean log π(y⁻) − γ), means over each completion's tokens, averaged over pairs.
/// </summary>
public static class SimPoObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="pairs">One or more.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <exception cref="ArgumentException">The batch is empty or a completion has no tokens.</exception>
    public static ObjectiveResult<PreferencePair<double[]>[]> Compute(
        IReadOnlyList<PreferencePair<CompletionLogProbabilities>> pairs, SimPoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(pairs, nameof(pairs));
        double loss = 0;
        var gradient = new PreferencePair<double[]>[pairs.Count];
        for (int i = 0; i < gradient.Length; i++)
        {
            (CompletionLogProbabilities chosen, CompletionLogProbabilities rejected) = pairs[i];
            double scaled = (options.Beta * (Mean(chosen) - Mean(rejected))) - options.Gamma;
            loss -= StableMath.LogSigmoid(scaled) / pairs.Count;
            double slope = -options.Beta * StableMath.Sigmoid(-scaled) / pairs.Count;
            gradient[i] = new(DpoObjective.Spread(chosen.Tokens, slope, mean: true), DpoObjective.Spread(rejected.Tokens, -slope, mean: true));
        }

        return new(loss, gradient);
    }

    /// <summary>Mean log-probability of a completion's tokens.</summary>
    internal static double Mean(CompletionLogProbabilities completion) =>
        completion.Tokens > 0 ? completion.Policy.Sum() / completion.Tokens : throw new ArgumentException("A completion has no tokens.");
}
