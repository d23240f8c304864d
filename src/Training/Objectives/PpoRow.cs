namespace AgentKit.Training.Objectives;

/// <summary>One completion with what a value head said about it; arrays have one entry for each token.</summary>
/// <param name="Completion">With old values.</param>
/// <param name="Advantages">Constants.</param>
/// <param name="Values">The value head's predictions; differentiated.</param>
/// <param name="OldValues">Its predictions when the completion was sampled, constants; needed where values are clipped.</param>
/// <param name="Returns">What the predictions should have been, constants.</param>
public sealed record PpoRow(CompletionLogProbabilities Completion, double[] Advantages, double[] Values, double[] Returns, double[]? OldValues = null)
{
    /// <exception cref="ArgumentException">The completion has no tokens or an array another length.</exception>
    internal void Check(bool clipped)
    {
        int tokens = Completion.Tokens;
        if (tokens == 0) throw new ArgumentException("A completion has no tokens.");
        if (Advantages.Length != tokens || Values.Length != tokens || Returns.Length != tokens || (clipped && OldValues?.Length != tokens))
            throw new ArgumentException($"A completion has {tokens} tokens; advantages, values, returns and, where values are clipped, old values need as many.");
    }
}
