namespace AgentKit.Training.Objectives;

/// <summary>
/// Odds ratio preference optimization (Hong et al. 2024, equations 6 and 7): L = −ℓ⁺ − λ·ln σ(log-odds(ℓ⁺) − log-odds(ℓ⁻)) with ℓ the mean
/// log-probability of a completion's tokens and log-odds(ℓ) = ℓ − ln(1 − e^ℓ); averaged over pairs. No reference model.
/// </summary>
public static class OrpoObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="pairs">One or more.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <exception cref="ArgumentException">
    /// The batch is empty, a completion has no tokens, or the mean log-probability of one is not below 0, where its odds are infinite.
    /// </exception>
    public static ObjectiveResult<PreferencePair<double[]>[]> Compute(
        IReadOnlyList<PreferencePair<CompletionLogProbabilities>> pairs, OrpoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(pairs, nameof(pairs));
        double loss = 0;
        var gradient = new PreferencePair<double[]>[pairs.Count];
        for (int i = 0; i < gradient.Length; i++)
        {
            (CompletionLogProbabilities chosen, CompletionLogProbabilities rejected) = pairs[i];
            double likely = Checked(chosen), unlikely = Checked(rejected);
            double ratio = LogOdds(likely) - LogOdds(unlikely);
            loss += (-likely - (options.Lambda * StableMath.LogSigmoid(ratio))) / pairs.Count;
            // The derivative of the log-odds by ℓ is 1 / (1 − e^ℓ).
            double pull = options.Lambda * StableMath.Sigmoid(-ratio);
            double up = (-1 - (pull / -StableMath.ExpM1(likely))) / pairs.Count;
            double down = pull / -StableMath.ExpM1(unlikely) / pairs.Count;
            gradient[i] = new(DpoObjective.Spread(chosen.Tokens, up, mean: true), DpoObjective.Spread(rejected.Tokens, down, mean: true));
        }

        return new(loss, gradient);
    }

    private static double LogOdds(double logProbability) => logProbability - StableMath.Log1MinusExp(logProbability);

    private static double Checked(CompletionLogProbabilities completion) => SimPoObjective.Mean(completion) is var mean && mean < 0
        ? mean
        : throw new ArgumentException($"The mean log-probability of a completion is {mean}; below 0 is allowed, since the odds of a certain text are infinite.");
}
