namespace AgentKit.Training.Objectives;

/// <summary>
/// Group relative policy optimization (Shao et al. 2024, equation 3). A token costs −min(ρA, clip(ρ, 1−ε_low, 1+ε_high)·A) + β·k₃ with
/// ρ = π/π_old, A the advantage of its completion within the group (<see cref="Advantages.GroupRelative"/>) and
/// k₃ = π_ref/π − ln(π_ref/π) − 1 (Schulman 2020; equation 4). Variants: DAPO (Yu et al. 2025, equation 8) weights all tokens alike,
/// Dr. GRPO (Liu et al. 2025, equation 2) divides by a constant instead of lengths. The mean runs over the completions of all groups.
/// </summary>
public static class GrpoObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="groups">One or more; completions with old values, and with reference values unless the divergence weighs nothing.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <returns>The loss and an array for each completion of each group.</returns>
    /// <exception cref="ArgumentException">A group is malformed, or <see cref="GrpoVariant.DrGrpo"/> lacks its length or a completion exceeds it.</exception>
    public static ObjectiveResult<double[][][]> Compute(IReadOnlyList<CompletionGroup> groups, GrpoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(groups, nameof(groups));
        foreach (CompletionGroup group in groups) group.Check();
        double loss = 0;
        Func<CompletionLogProbabilities, double> divisor = Divisor(groups, options);
        var gradient = new double[groups.Count][][];
        for (int g = 0; g < gradient.Length; g++)
        {
            double[] advantages = Advantages.GroupRelative(groups[g].Rewards, options.ScaleRewards);
            gradient[g] = new double[advantages.Length][];
            for (int i = 0; i < advantages.Length; i++)
            {
                CompletionLogProbabilities completion = groups[g].Completions[i];
                (double value, gradient[g][i]) = OfCompletion(completion, advantages[i], divisor(completion), options);
                loss += value;
            }
        }

        return new(loss, gradient);
    }

    private static Func<CompletionLogProbabilities, double> Divisor(IReadOnlyList<CompletionGroup> groups, GrpoOptions options)
    {
        double completions = groups.Sum(group => group.Completions.Count);
        switch (options.Variant)
        {
            case GrpoVariant.Grpo:
                return completion => completions * completion.Tokens;
            case GrpoVariant.Dapo:
                double tokens = groups.Sum(group => group.Completions.Sum(completion => completion.Tokens));
                return _ => tokens;
            default:
                int most = options.MaxLength ?? throw new ArgumentException("Dr. GRPO needs the largest length a completion may have.", nameof(options));
                int longest = groups.Max(group => group.Completions.Max(completion => completion.Tokens));
                if (longest > most) throw new ArgumentException($"A completion has {longest} tokens; the largest length is said to be {most}.", nameof(groups));
                return _ => completions * most;
        }
    }

    /// <summary>One completion's part of the loss, and its derivative.</summary>
    internal static (double Loss, double[] Gradient) OfCompletion(CompletionLogProbabilities completion, double advantage, double divisor, GrpoOptions options)
    {
        double[] old = completion.RequiredOld();
        double[]? reference = options.KlBeta > 0 ? completion.RequiredReference() : null;
        double loss = 0;
        var gradient = new double[completion.Tokens];
        for (int t = 0; t < gradient.Length; t++)
        {
            (double value, double slope) = ClippedSurrogate.Of(completion.Policy[t], old[t], advantage, options.ClipLow, options.ClipHigh);
            if (reference is not null)
            {
                double difference = reference[t] - completion.Policy[t];
                double excess = StableMath.ExpM1(difference);
                value += options.KlBeta * (excess - difference);
                slope -= options.KlBeta * excess;
            }

            loss += value / divisor;
            gradient[t] = slope / divisor;
        }

        return (loss, gradient);
    }
}
