namespace AgentKit.Training.Runs;

/// <summary>How far a run has come.</summary>
/// <param name="Summary">Of the steps so far.</param>
internal sealed record RunState(TrainingSummary Summary)
{
    /// <summary>The last step where it has been taken, but neither measured nor written to the metrics: a run that goes on begins with that.</summary>
    public TrainingStep? Unmeasured { get; init; }

    /// <summary>When the run began: the date that a chat template writes into its rows, on every day it goes on; <c>null</c> where no row is rendered.</summary>
    public DateTimeOffset? Begun { get; init; }
}
