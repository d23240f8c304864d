using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// What happens in a run, in order. The same records feed the terminal, the journal, replay, telemetry and training data.
/// The hierarchy is closed: a <c>switch</c> over the nested records is complete.
/// </summary>
/// <param name="Step">1-based number of the model or tool step the event belongs to; 0 for the run itself.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunStarted), "run_started")]
[JsonDerivedType(typeof(TextDelta), "text_delta")]
[JsonDerivedType(typeof(ModelReplied), "model_replied")]
[JsonDerivedType(typeof(ToolStarted), "tool_started")]
[JsonDerivedType(typeof(ToolCompleted), "tool_completed")]
[JsonDerivedType(typeof(RunFinished), "run_finished")]
public abstract record AgentEvent(int Step)
{
    /// <summary>The run begins.</summary>
    /// <param name="Agent">The agent's name.</param>
    /// <param name="Model">The model's name or file.</param>
    /// <param name="Task">What was asked.</param>
    /// <param name="Instructions">The system message, if any.</param>
    /// <param name="Tools">Names of the tools offered.</param>
    /// <param name="Owner">
    /// The process that works on the run, as <c>host/pid/start-ticks</c>; tells an interrupted run from a running one.
    /// </param>
    public sealed record RunStarted(
        string Agent, string Model, string Task, string? Instructions, IReadOnlyList<string> Tools, string Owner) : AgentEvent(0);

    /// <summary>A piece of the model's answer while it forms. Shown live, never journaled.</summary>
    /// <param name="Step">The model step.</param>
    /// <param name="Text">The new text.</param>
    public sealed record TextDelta(int Step, string Text) : AgentEvent(Step);

    /// <summary>The model has answered. Journaled before any tool runs, so replay never asks the model again.</summary>
    /// <param name="Step">The model step.</param>
    /// <param name="Text">The answer's text, possibly empty.</param>
    /// <param name="Reasoning">The reasoning text, if the model shows it.</param>
    /// <param name="Calls">The tool calls asked for, in the model's order.</param>
    /// <param name="FinishReason">Why generation stopped: <c>stop</c>, <c>length</c>, <c>tool_calls</c>.</param>
    /// <param name="Usage">Tokens of this call.</param>
    /// <param name="Milliseconds">Wall time of this call.</param>
    public sealed record ModelReplied(
        int Step, string Text, string? Reasoning, IReadOnlyList<ToolCall> Calls, string FinishReason, TokenUsage Usage, double Milliseconds)
        : AgentEvent(Step);

    /// <summary>INTENT: a tool call is about to run. A crash after this event leaves its outcome unknown.</summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Key">Deterministic key of the call, a hash of run, step and call id; the same on every attempt.</param>
    public sealed record ToolStarted(int Step, ToolCall Call, string Key) : AgentEvent(Step);

    /// <summary>DONE: a call together with its result, so that a call without a result cannot enter the history.</summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Result">What the tool returned, as text for the model; <c>null</c> when it failed.</param>
    /// <param name="Error">What the model is told when the call failed; <c>null</c> when it worked.</param>
    /// <param name="Milliseconds">Wall time of the call.</param>
    public sealed record ToolCompleted(int Step, ToolCall Call, string? Result, string? Error, double Milliseconds) : AgentEvent(Step);

    /// <summary>The run has ended.</summary>
    /// <param name="Status"><see cref="RunStatus.Completed"/> or <see cref="RunStatus.Failed"/>.</param>
    /// <param name="Answer">The final answer, if there is one.</param>
    /// <param name="FinishReason">Why it ended, see <see cref="FinishReasons"/>.</param>
    /// <param name="Error">What went wrong, for a failed run.</param>
    public sealed record RunFinished(RunStatus Status, string? Answer, string FinishReason, string? Error) : AgentEvent(0);
}
