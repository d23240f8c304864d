namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="OrpoObjective"/>.</summary>
public sealed record OrpoOptions
{
    /// <value>Weight of the odds-ratio term; 0 or more. Default 0.1.</value>
    public double Lambda
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(Lambda));
    } = 0.1;
}
