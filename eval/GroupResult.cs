using System.Text.Json.Serialization;

namespace AgentKit.Eval;

/// <summary>The number of one part of a task.</summary>
/// <param name="Group">Its name.</param>
/// <param name="N">Graded samples.</param>
/// <param name="Value">The value of the metric that stands for the task.</param>
/// <param name="Stderr">Its standard error; <c>null</c> with a single sample.</param>
/// <param name="Ci95">A 95 % interval of it: lower and upper end; <c>null</c> as in <see cref="MetricResult"/>.</param>
public sealed record GroupResult(
    string Group,
    int N,
    double Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Stderr = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Ci95 = null);
