namespace AgentKit.Training.Runs;

/// <summary>What a run of training came to.</summary>
/// <param name="Summary">Steps, losses and metrics.</param>
/// <param name="Adapter">The adapter's file.</param>
/// <param name="Rows">Rows learned from.</param>
/// <param name="LeftOut">What was left out, or cut for its length, of the run's files; empty where all rows count.</param>
public sealed record TrainingResult(TrainingSummary Summary, string Adapter, int Rows, IReadOnlyList<LeftOutRows> LeftOut);
