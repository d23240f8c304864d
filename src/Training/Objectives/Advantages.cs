namespace AgentKit.Training.Objectives;

/// <summary>How much better than its group a completion was: what policy gradients weight log-probabilities with.</summary>
public static class Advantages
{
    /// <summary>Keeps the division finite when all rewards of a group are equal.</summary>
    private const double Epsilon = 1e-4;

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

    private static double Mean(ReadOnlySpan<double> rewards)
    {
        if (rewards.Length < 2) throw new ArgumentException($"A group has {rewards.Length} rewards; two or more are needed.", nameof(rewards));
        double sum = 0;
        foreach (double reward in rewards) sum += reward;
        return sum / rewards.Length;
    }
}
