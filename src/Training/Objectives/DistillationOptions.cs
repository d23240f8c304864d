namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="DistillationObjective"/>.</summary>
public sealed record DistillationOptions
{
    /// <value>τ, divides both rows of logits; above 0. Default 1.</value>
    public double Temperature
    {
        get;
        init => field = Ranges.Above(value, 0, nameof(Temperature));
    } = 1;

    /// <value>Which way the divergence runs. Default <see cref="DistillationDirection.Forward"/>.</value>
    public DistillationDirection Direction { get; init; }
}
