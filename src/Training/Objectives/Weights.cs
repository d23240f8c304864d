namespace AgentKit.Training.Objectives;

/// <summary>Weights of tokens.</summary>
internal static class Weights
{
    /// <exception cref="ArgumentException">There is not one for each token, one is negative, or none is above 0.</exception>
    public static double Sum(ReadOnlySpan<double> weights, int tokens)
    {
        if (weights.Length != tokens) throw new ArgumentException($"There are {tokens} tokens and {weights.Length} weights.", nameof(weights));
        double sum = 0;
        foreach (double weight in weights)
            sum += weight >= 0 && double.IsFinite(weight) ? weight : throw new ArgumentException($"A weight is {weight}; 0 or more is allowed.", nameof(weights));
        return sum > 0 ? sum : throw new ArgumentException("No weight is above 0: there is nothing to learn from.", nameof(weights));
    }
}
