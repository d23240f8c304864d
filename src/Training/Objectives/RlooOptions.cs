namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="RlooObjective"/>.</summary>
public sealed record RlooOptions
{
    /// <value>How much of the log-ratio to the reference is taken off each reward; 0 or more, 0 needs no reference. Default 0.05.</value>
    public double KlBeta
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(KlBeta));
    } = 0.05;
}
