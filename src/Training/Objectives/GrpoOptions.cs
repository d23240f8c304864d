namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="GrpoObjective"/>.</summary>
public sealed record GrpoOptions
{
    /// <value>How far below 1 the probability ratio may go before it earns nothing more; 0 up to 1. Default 0.2.</value>
    public double ClipLow
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(ClipLow), value, "0 up to 1");
    } = 0.2;

    /// <value>How far above 1 it may go; 0 or more. DAPO's "clip higher" makes it larger than <see cref="ClipLow"/>. Default 0.2.</value>
    public double ClipHigh
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(ClipHigh));
    } = 0.2;

    /// <value>Weight of the divergence from the reference; 0 or more, 0 needs no reference. Default 0.04.</value>
    public double KlBeta
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(KlBeta));
    } = 0.04;

    /// <value>How the tokens' losses become one. Default <see cref="GrpoVariant.Grpo"/>.</value>
    public GrpoVariant Variant { get; init; }

    /// <value>Whether advantages are divided by the rewards' standard deviation. Default <c>true</c>; Dr. GRPO says no.</value>
    public bool ScaleRewards { get; init; } = true;

    /// <value>The most tokens a completion may have; <see cref="GrpoVariant.DrGrpo"/> needs it. 1 or more.</value>
    public int? MaxLength
    {
        get;
        init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxLength), value, "1 or more");
    }
}
