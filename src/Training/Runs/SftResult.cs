using AgentKit.Training.Data;

namespace AgentKit.Training.Runs;

/// <summary>What a run of supervised fine-tuning came to.</summary>
/// <param name="Summary">Steps and losses.</param>
/// <param name="Adapter">The adapter's file.</param>
/// <param name="Rows">Samples learned from.</param>
/// <param name="BadRows">Rows that were left out.</param>
/// <param name="LongLines">Lines of rows that were skipped or cut for their length.</param>
public sealed record SftResult(TrainingSummary Summary, string Adapter, int Rows, IReadOnlyList<RowFault> BadRows, IReadOnlyList<int> LongLines);
