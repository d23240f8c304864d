namespace AgentKit.Training.Runs;

/// <summary>A run that trains a reward model on pairs of answers: an adapter, and a head that turns the last token's state into a score.</summary>
public sealed record RewardRunOptions : RunOptions
{
    internal override Recipe CreateRecipe() => new RewardRecipe(this);
}
