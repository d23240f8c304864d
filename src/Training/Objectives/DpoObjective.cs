namespace AgentKit.Training.Objectives;

/// <summary>
/// Direct preference optimization (Rafailov et al. 2023, equation 7): with the margin m = log π(y⁺)/π_ref(y⁺) − log π(y⁻)/π_ref(y⁻) over whole
/// completions, L = −(1−ε)·ln σ(βm) − ε·ln σ(−βm), where ε is the label smoothing of conservative DPO (Mitchell 2023). Hinge: max(0, 1 − βm)
/// (SLiC, Zhao et al. 2023, with the reference of DPO). IPO (Azar et al. 2023, equation 17): (m̄ − 1/(2β))² with log-probabilities averaged
/// over each completion's tokens. The loss of a batch is the mean over pairs.
/// </summary>
public static class DpoObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="pairs">One or more; both completions with reference values.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <exception cref="ArgumentException">The batch is empty, a completion has no tokens or no reference, or the variant knows no label smoothing.</exception>
    public static ObjectiveResult<PreferencePair<double[]>[]> Compute(
        IReadOnlyList<PreferencePair<CompletionLogProbabilities>> pairs, DpoOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(pairs, nameof(pairs));
        if (options is { LabelSmoothing: > 0, Variant: not DpoVariant.Sigmoid })
            throw new ArgumentException($"Label smoothing belongs to the sigmoid variant; {options.Variant} has none.", nameof(options));
        bool perToken = options.Variant == DpoVariant.Ipo;
        double loss = 0;
        var gradient = new PreferencePair<double[]>[pairs.Count];
        for (int i = 0; i < gradient.Length; i++)
        {
            double margin = LogRatio(pairs[i].Chosen, perToken) - LogRatio(pairs[i].Rejected, perToken);
            (double value, double slope) = OfMargin(margin, options);
            loss += value / pairs.Count;
            gradient[i] = new(
                Spread(pairs[i].Chosen.Tokens, slope / pairs.Count, perToken), Spread(pairs[i].Rejected.Tokens, -slope / pairs.Count, perToken));
        }

        return new(loss, gradient);
    }

    /// <summary>The derivative of a sum, or of a mean, over a completion's tokens.</summary>
    internal static double[] Spread(int tokens, double slope, bool mean)
    {
        var gradient = new double[tokens];
        Array.Fill(gradient, mean ? slope / tokens : slope);
        return gradient;
    }

    private static double LogRatio(CompletionLogProbabilities completion, bool perToken)
    {
        if (completion.Tokens == 0) throw new ArgumentException("A completion has no tokens.");
        double ratio = completion.Policy.Sum() - completion.RequiredReference().Sum();
        return perToken ? ratio / completion.Tokens : ratio;
    }

    /// <summary>The loss of one pair and its derivative by the margin.</summary>
    private static (double Value, double Slope) OfMargin(double margin, DpoOptions options)
    {
        double beta = options.Beta, scaled = beta * margin, smoothing = options.LabelSmoothing;
        switch (options.Variant)
        {
            case DpoVariant.Ipo:
                double distance = margin - (1 / (2 * beta));
                return (distance * distance, 2 * distance);
            case DpoVariant.Hinge:
                return (Math.Max(0, 1 - scaled), scaled < 1 ? -beta : 0);
            default:
                double value = (-(1 - smoothing) * StableMath.LogSigmoid(scaled)) - (smoothing * StableMath.LogSigmoid(-scaled));
                return (value, beta * ((smoothing * StableMath.Sigmoid(scaled)) - ((1 - smoothing) * StableMath.Sigmoid(-scaled))));
        }
    }
}
