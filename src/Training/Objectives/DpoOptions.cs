namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="DpoObjective"/>.</summary>
public sealed record DpoOptions
{
    /// <value>How strongly the policy is held to the reference; above 0. Default 0.1.</value>
    public double Beta
    {
        get;
        init => field = Ranges.Above(value, 0, nameof(Beta));
    } = 0.1;

    /// <value>Share of pairs whose label is taken to be wrong, 0 up to below 0.5; the sigmoid variant only. Default 0.</value>
    public double LabelSmoothing
    {
        get;
        init => field = value is >= 0 and < 0.5 ? value : throw new ArgumentOutOfRangeException(nameof(LabelSmoothing), value, "0 up to below 0.5");
    }

    /// <value>How the margin becomes a loss. Default <see cref="DpoVariant.Sigmoid"/>.</value>
    public DpoVariant Variant { get; init; }
}
