namespace AgentKit.Training.Objectives;

/// <summary>Settings of <see cref="SimPoObjective"/>.</summary>
public sealed record SimPoOptions
{
    /// <value>Scale of the mean log-probabilities; above 0. Default 2.</value>
    public double Beta
    {
        get;
        init => field = Ranges.Above(value, 0, nameof(Beta));
    } = 2;

    /// <value>The margin by which the chosen completion should win, in units of the scaled difference; 0 or more. Default 0.5.</value>
    public double Gamma
    {
        get;
        init => field = Ranges.AtLeast(value, 0, nameof(Gamma));
    } = 0.5;
}
