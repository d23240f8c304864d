using System.Text.Json.Serialization;

namespace AgentKit.Eval;

/// <summary>A number with what it is worth.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Stderr">Its standard error; <c>null</c> with a single sample.</param>
/// <param name="Ci95">
/// A 95 % interval: lower and upper end; <c>null</c> where nothing tells how far the value spreads: one sample or one cluster, or values that are all
/// the same, unless they are right or wrong.
/// </param>
public sealed record MetricResult(
    string Metric,
    double Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Stderr,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Ci95);
