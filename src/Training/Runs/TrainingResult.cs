using AgentKit.Training.Data;

namespace AgentKit.Training.Runs;

/// <summary>What a run of training came to.</summary>
/// <param name="Summary">Steps, losses and metrics.</param>
/// <param name="Adapter">The adapter's file.</param>
/// <param name="Rows">Rows learned from.</param>
/// <param name="BadRows">Rows that were left out.</param>
/// <param name="LongLines">Lines of rows that were skipped or cut for their length.</param>
public sealed record TrainingResult(TrainingSummary Summary, string Adapter, int Rows, IReadOnlyList<RowFault> BadRows, IReadOnlyList<int> LongLines);
