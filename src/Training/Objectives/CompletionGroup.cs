namespace AgentKit.Training.Objectives;

/// <summary>Several completions of one prompt and what each was worth.</summary>
/// <param name="Rewards">One for each completion.</param>
/// <param name="Completions">Two or more.</param>
public sealed record CompletionGroup(double[] Rewards, IReadOnlyList<CompletionLogProbabilities> Completions)
{
    /// <exception cref="ArgumentException">There are fewer than two completions, one is empty, or rewards are missing.</exception>
    internal void Check()
    {
        if (Completions.Count < 2) throw new ArgumentException($"A group has {Completions.Count} completions; two or more are needed: they are each other's baseline.");
        if (Rewards.Length != Completions.Count) throw new ArgumentException($"A group has {Completions.Count} completions and {Rewards.Length} rewards.");
        if (Completions.Any(completion => completion.Tokens == 0)) throw new ArgumentException("A completion has no tokens.");
    }
}
