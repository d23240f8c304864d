using System.Text.Json.Serialization;

namespace AgentKit.Eval.Comparison;

/// <summary>Two runs on the same samples of a task. Differences are the second less the first.</summary>
/// <param name="Task">The task.</param>
/// <param name="Metric">The metric that stands for it.</param>
/// <param name="N">Samples (or clusters of samples) that both graded.</param>
/// <param name="Unpaired">Samples that only one of them graded: they are left out.</param>
/// <param name="A">The first run's value over the paired samples.</param>
/// <param name="B">The second run's value over the paired samples.</param>
/// <param name="Difference">B less A.</param>
/// <param name="Ci95">
/// A 95 % interval of the difference, from the paired bootstrap: lower and upper end; <c>null</c> with a single sample or cluster.
/// </param>
/// <param name="PValue">How likely chance alone brings a difference as large in either direction.</param>
/// <param name="PHolm">The same, corrected for asking about several tasks.</param>
/// <param name="Test">How it was computed: <c>mcnemar_exact</c> for right or wrong, else <c>paired_bootstrap</c>.</param>
/// <param name="OnlyA">Samples that only the first run has right; absent where values are not right or wrong.</param>
/// <param name="OnlyB">Samples that only the second run has right; absent where values are not right or wrong.</param>
/// <param name="MinimumDetectable">
/// The smallest true difference that so many samples would show in 80 of 100 repetitions, at a level of 5 %.
/// </param>
/// <param name="Significant">Whether the corrected value is below 5 %.</param>
public sealed record TaskComparison(
    string Task,
    string Metric,
    int N,
    int Unpaired,
    double A,
    double B,
    double Difference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Ci95,
    double PValue,
    double PHolm,
    string Test,
    int? OnlyA,
    int? OnlyB,
    double MinimumDetectable,
    bool Significant);
