using System.Text.Json.Serialization;

namespace AgentKit.Eval;

/// <summary>A task's numbers.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="N">Samples that were graded; those that failed are not among them.</param>
/// <param name="Metric">The metric that stands for the task.</param>
/// <param name="Value">Its value.</param>
/// <param name="Stderr">Its standard error; <c>null</c> with a single sample.</param>
/// <param name="Ci95">A 95 % interval of it: lower and upper end; <c>null</c> as in <see cref="MetricResult"/>.</param>
/// <param name="Errors">Samples that failed: neither right nor wrong.</param>
/// <param name="Samples">All samples that were to be run.</param>
/// <param name="Signature">All that two results of this task must share to be comparable.</param>
/// <param name="DatasetSha256">Over the task's files.</param>
/// <param name="Metrics">All metrics.</param>
/// <param name="Groups">The metric that stands for the task, by part.</param>
/// <param name="Failures">Which samples failed, and why.</param>
public sealed record TaskResult(
    string Task,
    int Version,
    int N,
    string Metric,
    double Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Stderr,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Ci95,
    int Errors,
    int Samples,
    string Signature,
    string DatasetSha256,
    IReadOnlyList<MetricResult> Metrics,
    IReadOnlyList<GroupResult> Groups,
    IReadOnlyList<SampleFailure> Failures)
{
    /// <summary>What computing samples together changed; absent where each was computed alone.</summary>
    public BatchingDifference? Batching { get; init; }
}
