namespace AgentKit.Training.Objectives;

/// <summary>
/// A reward model's preference loss (Bradley and Terry 1952; Ouyang et al. 2022, equation 1): L = −ln σ(r⁺ − r⁻), averaged over pairs.
/// </summary>
public static class RewardObjective
{
    /// <summary>Loss and derivative by the scores.</summary>
    /// <param name="pairs">One or more pairs of scores.</param>
    /// <exception cref="ArgumentException">The batch is empty.</exception>
    public static ObjectiveResult<PreferencePair<double>[]> Compute(IReadOnlyList<PreferencePair<double>> pairs)
    {
        Ranges.NotEmpty(pairs, nameof(pairs));
        double loss = 0;
        var gradient = new PreferencePair<double>[pairs.Count];
        for (int i = 0; i < gradient.Length; i++)
        {
            double difference = pairs[i].Chosen - pairs[i].Rejected;
            loss -= StableMath.LogSigmoid(difference) / pairs.Count;
            double slope = StableMath.Sigmoid(-difference) / pairs.Count;
            gradient[i] = new(-slope, slope);
        }

        return new(loss, gradient);
    }
}
