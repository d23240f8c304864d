namespace AgentKit.Training.Runs;

/// <summary>
/// A second file that a run learns from beside its own, for example general conversations against forgetting, or easy rows at the beginning. Its rows are added to those of a step.
/// </summary>
public sealed record MixedData
{
    /// <value>The file, of the same kind as the run's own.</value>
    public required string Data { get; init; }

    /// <value>Rows that each step takes from it; 1 or more. Default 4.</value>
    public int Rows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Rows), value, "1 or more");
    } = 4;

    /// <value>The share of the run's steps after which it begins, 0 up to below 1. Default 0.</value>
    public double From
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(From), value, "0 up to below 1");
    }

    /// <value>The share of the run's steps after which it ends, above 0 up to 1. Default 1.</value>
    public double To
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(To), value, "above 0 up to 1");
    } = 1;
}
