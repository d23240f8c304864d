using AgentKit.Kernel.Runs;

namespace AgentKit.Agents.Crash;

/// <summary>What a <see cref="CrashTest"/> found.</summary>
/// <param name="Kills">Processes that were killed.</param>
/// <param name="Runs">The runs, those excepted that were killed before their first event.</param>
/// <param name="Faults">What is wrong with them, see <see cref="RunAudit"/>; empty when all is well.</param>
public sealed record CrashReport(int Kills, IReadOnlyList<RunView> Runs, IReadOnlyList<string> Faults)
{
    /// <summary>Runs with that status.</summary>
    /// <param name="status">The status.</param>
    public int Count(RunStatus status) => Runs.Count(run => run.Status == status);

    /// <summary>One line for a log.</summary>
    public override string ToString() =>
        $"{Kills} kills, {Runs.Count} runs: {Count(RunStatus.Completed)} completed, {Count(RunStatus.Waiting)} at a call of unknown outcome, "
        + $"{Faults.Count} faults";
}
