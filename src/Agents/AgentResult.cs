using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>How a run ended.</summary>
/// <param name="Run">The run as journaled: its steps, tokens and times.</param>
public sealed record AgentResult(RunView Run)
{
    /// <summary>The run's id, under which the journal keeps it.</summary>
    public string RunId => Run.RunId;

    /// <summary>
    /// <see cref="RunStatus.Completed"/>, <see cref="RunStatus.Failed"/>, or <see cref="RunStatus.Waiting"/> for decisions on tool calls.
    /// </summary>
    public RunStatus Status => Run.Status;

    /// <summary>The answer; <c>null</c> when there is none.</summary>
    public string? Answer => Run.Answer;

    /// <summary>Why the run ended, see <see cref="FinishReasons"/>; empty for one that waits.</summary>
    public string FinishReason => Run.FinishReason ?? "";

    /// <summary>What went wrong, for a failed run.</summary>
    public string? Error => Run.Error;

    /// <summary>Calls that somebody has to decide on before the run can go on, see <see cref="RunDecision"/>.</summary>
    public IReadOnlyList<WaitingCall> Waiting => Run.Waiting;

    /// <summary>Tokens of all model calls.</summary>
    public TokenUsage Usage => Run.Usage;

    /// <summary>The answer, or what went wrong.</summary>
    public override string ToString() => Answer ?? Error ?? "";
}
