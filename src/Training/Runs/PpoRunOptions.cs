using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns from its own answers, what they earn and what a value head had expected, which is trained beside the adapter.</summary>
public sealed record PpoRunOptions : RolloutRunOptions
{
    /// <value>Answers to each prompt of a round; 1 to 128. Default 1.</value>
    public int Generations
    {
        get;
        init => field = value is >= 1 and <= 128 ? value : throw new ArgumentOutOfRangeException(nameof(Generations), value, "1 to 128");
    } = 1;

    /// <value>How often a round's answers are learned from; 1 or more. Default 4.</value>
    public int Iterations
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Iterations), value, "1 or more");
    } = 4;

    /// <value>Steps over which a round's answers are dealt out each time; 1 or more. Default 1.</value>
    public int Minibatches
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Minibatches), value, "1 or more");
    } = 1;

    /// <value>What a token's log-ratio to the reference costs; 0 or more, 0 needs no reference. Default 0.05.</value>
    public double KlBeta
    {
        get;
        init => field = double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(KlBeta), value, "0 or more");
    } = 0.05;

    /// <value>γ, what a reward counts one token earlier; above 0 up to 1. Default 1.</value>
    public double Gamma
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Gamma), value, "above 0 up to 1");
    } = 1;

    /// <value>λ: 0 trusts the value head, 1 only what was earned. Default 0.95.</value>
    public double Lambda
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Lambda), value, "0 to 1");
    } = 0.95;

    /// <value>The objective's settings. Default: those of <see cref="PpoOptions"/>, with values clipped to 0.2.</value>
    public PpoOptions Ppo { get; init; } = new() { ValueClip = 0.2 };

    internal override Recipe CreateRecipe() => new PpoRecipe(this);
}
