using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns from single answers which are good or bad.</summary>
public sealed record KtoRunOptions : RunOptions
{
    /// <value>Settings of <see cref="KtoObjective"/>.</value>
    public KtoOptions Kto { get; init; } = new();

    internal override Recipe CreateRecipe() => new KtoRecipe(this);
}
