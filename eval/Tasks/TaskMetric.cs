namespace AgentKit.Eval.Tasks;

/// <summary>A number that a task reports.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">The value of single samples it is made from.</param>
/// <param name="Kind">How.</param>
/// <param name="K">Attempts, for <see cref="MetricKind.PassAtK"/> and <see cref="MetricKind.PassHatK"/>.</param>
public sealed record TaskMetric(string Name, string Source, MetricKind Kind = MetricKind.Mean, int K = 1)
{
    /// <summary>The value to divide by, for <see cref="MetricKind.Ratio"/>.</summary>
    public string? Per { get; init; }

    /// <summary>Computes the figure from the values of samples, for <see cref="MetricKind.Whole"/>.</summary>
    internal Func<IEnumerable<IReadOnlyDictionary<string, double>>, double>? Figure { get; init; }

    /// <summary>The mean of a value.</summary>
    public TaskMetric(string name)
        : this(name, name)
    {
    }
}
