using AgentKit.Training.Data;

namespace AgentKit.Training.Runs;

/// <summary>What a run learns from and measures with.</summary>
/// <param name="Items">Samples that belong together, such as both answers of a pair.</param>
/// <param name="EvalItems">Those to measure with; may be empty.</param>
/// <param name="Sha256">Of the data file.</param>
/// <param name="EvalSha256">Of the held-out file, if there is one.</param>
internal sealed record RunData(
    IReadOnlyList<IReadOnlyList<TrainingSample>> Items, IReadOnlyList<IReadOnlyList<TrainingSample>> EvalItems, string Sha256, string? EvalSha256)
{
    /// <summary>The other files that are mixed in, in the order of <see cref="RunOptions.Mix"/>.</summary>
    public IReadOnlyList<TrainingSet> Mixed { get; init; } = [];

    /// <summary>Rows learned from.</summary>
    public int Rows { get; init; } = Items.Count;

    public static RunData Of(TrainingSet data, TrainingSet? eval) => new(data.Items, eval?.Items ?? [], data.Sha256, eval?.Sha256);
}
