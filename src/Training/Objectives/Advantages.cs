namespace AgentKit.Training.Objectives;

/// <summary>How much better than expected a completion or a token was: what policy gradients weight log-probabilities with.</summary>
public static class Advantages
{
    /// <summary>Keeps the division finite when all rewards of a group are equal.</summary>
    private const double Epsilon = 1e-4;

    private const double WhiteningEpsilon = 1e-8;

    /// <summary>
    /// Group-relative advantages (Shao et al. 2024, section 4.1.2): (r − mean) / (s + 10⁻⁴), s the standard deviation with n − 1; without
    /// scaling r − mean (Liu et al. 2025, Dr. GRPO).
    /// </summary>
    /// <param name="rewards">Of one group, two or more.</param>
    /// <param name="scale">Whether to divide by the standard deviation.</param>
    public static double[] GroupRelative(ReadOnlySpan<double> rewards, bool scale = true)
    {
        double mean = Mean(rewards), squares = 0;
        foreach (double reward in rewards) squares += (reward - mean) * (reward - mean);
        double divisor = scale ? Math.Sqrt(squares / (rewards.Length - 1)) + Epsilon : 1;
        var advantages = new double[rewards.Length];
        for (int i = 0; i < advantages.Length; i++) advantages[i] = (rewards[i] - mean) / divisor;
        return advantages;
    }

    /// <summary>Leave-one-out advantages (Ahmadian et al. 2024, RLOO, section 3.4): each reward less the mean of the others.</summary>
    /// <param name="rewards">Of one group, two or more.</param>
    public static double[] LeaveOneOut(ReadOnlySpan<double> rewards)
    {
        double mean = Mean(rewards);
        var advantages = new double[rewards.Length];
        // r − (n·mean − r)/(n − 1) = (r − mean)·n/(n − 1)
        for (int i = 0; i < advantages.Length; i++) advantages[i] = (rewards[i] - mean) * rewards.Length / (rewards.Length - 1);
        return advantages;
    }

    /// <summary>
    /// Generalized advantages of the tokens of one completion (Schulman et al. 2015, equation 16): Aₜ = δₜ + γλ·Aₜ₊₁ with δₜ = rₜ + γVₜ₊₁ − Vₜ, and nothing behind the last.
    /// </summary>
    /// <param name="rewards">What each token earned, [tokens].</param>
    /// <param name="values">What was expected before each token, [tokens].</param>
    /// <param name="gamma">What a reward counts one token earlier; 0 to 1.</param>
    /// <param name="lambda">0 trusts the values, 1 only the rewards.</param>
    /// <returns>[tokens]; added to the values they are the returns that the values should have been.</returns>
    public static double[] Generalized(ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, double gamma, double lambda)
    {
        if (rewards.Length != values.Length) throw new ArgumentException($"There are {rewards.Length} rewards and {values.Length} values.", nameof(values));
        var advantages = new double[rewards.Length];
        double next = 0, expected = 0;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            next = rewards[t] + (gamma * expected) - values[t] + (gamma * lambda * next);
            (advantages[t], expected) = (next, values[t]);
        }

        return advantages;
    }

    /// <summary>Advantages less their mean, divided by their standard deviation + 10⁻⁸, over the tokens of all completions together.</summary>
    /// <param name="advantages">[completions][tokens]</param>
    public static double[][] Whitened(IReadOnlyList<double[]> advantages)
    {
        ArgumentNullException.ThrowIfNull(advantages);
        double tokens = advantages.Sum(row => (double)row.Length), mean = advantages.Sum(row => row.Sum()) / tokens;
        double deviation = Math.Sqrt(advantages.Sum(row => row.Sum(value => (value - mean) * (value - mean))) / tokens);
        return [.. advantages.Select(row => Array.ConvertAll(row, value => (value - mean) / (deviation + WhiteningEpsilon)))];
    }

    private static double Mean(ReadOnlySpan<double> rewards)
    {
        if (rewards.Length < 2) throw new ArgumentException($"A group has {rewards.Length} rewards; two or more are needed.", nameof(rewards));
        double sum = 0;
        foreach (double reward in rewards) sum += reward;
        return sum / rewards.Length;
    }
}
