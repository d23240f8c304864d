namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="KtoObjective"/>.</summary>
public sealed record KtoOptions
{
    /// <value>How strongly the policy is held to the reference; above 0. Default 0.1.</value>
    public double Beta
    {
        get;
        init => field = Ranges.Above(value, 0, nameof(Beta));
    } = 0.1;

    /// <value>Weight of desirable completions, λ_D; 0 or more. Default 1.</value>
    public double DesirableWeight
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(DesirableWeight));
    } = 1;

    /// <value>Weight of undesirable completions, λ_U; 0 or more. Default 1.</value>
    public double UndesirableWeight
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(UndesirableWeight));
    } = 1;
}
