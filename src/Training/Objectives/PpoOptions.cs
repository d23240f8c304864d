namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="PpoObjective"/>.</summary>
public sealed record PpoOptions
{
    /// <value>How far the probability ratio may leave 1 before it earns nothing more; 0 up to 1. Default 0.2.</value>
    public double Clip
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Clip), value, "0 up to 1");
    } = 0.2;

    /// <value>How far a value may leave the old one; 0 or more. <c>null</c>, the default: as far as it likes.</value>
    public double? ValueClip
    {
        get;
        init => field = value is { } given ? Ranges.AtLeast(given, 0, nameof(ValueClip)) : null;
    }

    /// <value>Weight of the value loss; 0 or more. Default 0.5.</value>
    public double ValueCoefficient
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(ValueCoefficient));
    } = 0.5;
}
