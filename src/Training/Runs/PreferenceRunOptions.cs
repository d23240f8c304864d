using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns from pairs of answers, one of them preferred.</summary>
public sealed record PreferenceRunOptions : RunOptions
{
    /// <value>What is learned. Default <see cref="PreferenceObjectiveKind.Dpo"/>.</value>
    public PreferenceObjectiveKind Objective { get; init; }

    /// <value>Settings of <see cref="PreferenceObjectiveKind.Dpo"/>.</value>
    public DpoOptions Dpo { get; init; } = new();

    /// <value>Settings of <see cref="PreferenceObjectiveKind.SimPo"/>.</value>
    public SimPoOptions SimPo { get; init; } = new();

    /// <value>Settings of <see cref="PreferenceObjectiveKind.Orpo"/>.</value>
    public OrpoOptions Orpo { get; init; } = new();

    internal override Recipe CreateRecipe() => new PreferenceRecipe(this);
}
