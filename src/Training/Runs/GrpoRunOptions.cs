using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns which of its own answers to a prompt earn more than the others.</summary>
public sealed record GrpoRunOptions : RolloutRunOptions
{
    /// <value>Answers to each prompt, each other's baseline; 2 to 128. Default 8.</value>
    public int Generations
    {
        get;
        init => field = value is >= 2 and <= 128 ? value : throw new ArgumentOutOfRangeException(nameof(Generations), value, "2 to 128");
    } = 8;

    /// <value>Steps that learn from the same answers; 1 or more. Default 1.</value>
    public int Iterations
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Iterations), value, "1 or more");
    } = 1;

    /// <value>The objective's settings, its variant among them.</value>
    public GrpoOptions Grpo { get; init; } = new();

    /// <value>Settings of <see cref="RlooObjective"/>, which is then the objective; <c>null</c>, the default, for <see cref="Grpo"/>.</value>
    public RlooOptions? Rloo { get; init; }

    internal override Recipe CreateRecipe() => new GrpoRecipe(this);
}
