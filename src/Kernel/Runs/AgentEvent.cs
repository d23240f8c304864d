using System.Text.Json;
using System.Text.Json.Serialization;
using AgentKit.Kernel.Tools;

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
[JsonDerivedType(typeof(ApprovalRequested), "approval_requested")]
[JsonDerivedType(typeof(ApprovalDecided), "approval_decided")]
[JsonDerivedType(typeof(ToolOutcomeUnknown), "tool_outcome_unknown")]
[JsonDerivedType(typeof(AnswerRejected), "answer_rejected")]
[JsonDerivedType(typeof(SectionAdded), "section_added")]
[JsonDerivedType(typeof(ContextCompacted), "context_compacted")]
[JsonDerivedType(typeof(HandedOff), "handed_off")]
[JsonDerivedType(typeof(RunWaiting), "run_waiting")]
[JsonDerivedType(typeof(RunInterrupted), "run_interrupted")]
[JsonDerivedType(typeof(RunResumed), "run_resumed")]
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
    /// <param name="Settings">What the host needs to take the run up again in another process; only the host reads it.</param>
    /// <param name="Parent">The run this one was forked from, if any.</param>
    /// <param name="AnswerSchema">JSON schema of the answer, if one is asked for.</param>
    /// <param name="ToolTokens">Tokens that each tool's schema takes in every prompt, by name; <c>null</c> when the model does not count.</param>
    public sealed record RunStarted(
        string Agent,
        string Model,
        string Task,
        string? Instructions,
        IReadOnlyList<string> Tools,
        string Owner,
        IReadOnlyDictionary<string, string>? Settings = null,
        RunParent? Parent = null,
        JsonElement? AnswerSchema = null,
        IReadOnlyDictionary<string, int>? ToolTokens = null) : AgentEvent(0);

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
    /// <param name="Replay">What the tool allows to be done with the call when its outcome is unknown.</param>
    public sealed record ToolStarted(int Step, ToolCall Call, string Key, ToolReplay Replay = ToolReplay.Unsafe) : AgentEvent(Step);

    /// <summary>DONE: a call together with its result, so that a call without a result cannot enter the history.</summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Result">What the tool returned, as text for the model; <c>null</c> when it failed.</param>
    /// <param name="Error">What the model is told when the call failed; <c>null</c> when it worked.</param>
    /// <param name="Milliseconds">Wall time of the call.</param>
    /// <param name="Fault">Who failed; <c>null</c> when the tool worked, and when it refused with a reason.</param>
    /// <param name="Data">What the tool returned for programs beside its text, see <see cref="ToolOutput"/>; left out of the record when <c>null</c>.</param>
    public sealed record ToolCompleted(
        int Step,
        ToolCall Call,
        string? Result,
        string? Error,
        double Milliseconds,
        ToolFault? Fault = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Data = null) : AgentEvent(Step);

    /// <summary>A call must be approved before it runs; until then it waits, and nothing else does.</summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Server">Where the tool comes from; <c>null</c> for the host's own tools.</param>
    /// <param name="SideEffect">The strongest effect the call may have.</param>
    public sealed record ApprovalRequested(int Step, ToolCall Call, string? Server, SideEffect SideEffect) : AgentEvent(Step);

    /// <summary>Somebody has decided on a call that waited.</summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="CallId">The call.</param>
    /// <param name="Approved">Whether the call may run.</param>
    /// <param name="Scope">How far the decision reaches.</param>
    /// <param name="Reason">Why, in words for the model; mostly given with a rejection.</param>
    public sealed record ApprovalDecided(int Step, string CallId, bool Approved, ApprovalScope Scope, string? Reason) : AgentEvent(Step);

    /// <summary>
    /// UNKNOWN: the process ended between the intent and the result of a call that may not be run again unseen. A person decides.
    /// </summary>
    /// <param name="Step">The tool step.</param>
    /// <param name="Call">The call.</param>
    /// <param name="Reason">Why it could not be settled without a person.</param>
    public sealed record ToolOutcomeUnknown(int Step, ToolCall Call, string Reason) : AgentEvent(Step);

    /// <summary>The model's final answer does not have the asked-for form; the model is told and asked again.</summary>
    /// <param name="Step">The model step that gave the answer.</param>
    /// <param name="Error">What was expected, in words for the model.</param>
    public sealed record AnswerRejected(int Step, string Error) : AgentEvent(Step);

    /// <summary>A text that the context carries beside task and history: a memory, retrieved passages.</summary>
    /// <param name="Name">What the text is, shown to the model above it.</param>
    /// <param name="Priority">The higher, the longer it is kept when the context gets too long.</param>
    /// <param name="Text">The text.</param>
    public sealed record SectionAdded(string Name, int Priority, string Text) : AgentEvent(0);

    /// <summary>
    /// A part of the history is from now on shown to the model in a shorter form, because the context got too long. The history itself stays.
    /// </summary>
    /// <param name="Step">The last step so far.</param>
    /// <param name="Kind">What was done.</param>
    /// <param name="Through">The last step it applies to; steps after it are shown in full.</param>
    /// <param name="Section">The section left out, for <see cref="CompactionKind.Section"/>.</param>
    /// <param name="Summary">What is shown instead, for <see cref="CompactionKind.Summary"/>.</param>
    /// <param name="Limit">Characters kept of a result, for <see cref="CompactionKind.CappedResults"/>.</param>
    /// <param name="TokensBefore">Tokens of the context before.</param>
    /// <param name="TokensAfter">Tokens of the context after.</param>
    /// <param name="ToolLimits">Characters kept of the results of certain tools, by name, in the place of <paramref name="Limit"/>.</param>
    public sealed record ContextCompacted(
        int Step,
        CompactionKind Kind,
        int Through,
        string? Section,
        string? Summary,
        int? Limit,
        int TokensBefore,
        int TokensAfter,
        IReadOnlyDictionary<string, int>? ToolLimits = null) : AgentEvent(Step);

    /// <summary>Another agent takes the conversation over, at the model's wish.</summary>
    /// <param name="Step">The tool step by which the model asked for it.</param>
    /// <param name="Agent">The agent that goes on.</param>
    /// <param name="Instructions">Its system message, in the place of the one before.</param>
    public sealed record HandedOff(int Step, string Agent, string? Instructions) : AgentEvent(Step);

    /// <summary>The run stands until somebody decides on calls.</summary>
    /// <param name="CallIds">The calls that wait for a decision.</param>
    /// <param name="Runs">Runs of other agents that calls of this one wait for, because they stand themselves.</param>
    public sealed record RunWaiting(IReadOnlyList<string> CallIds, IReadOnlyList<string> Runs) : AgentEvent(0);

    /// <summary>The process let go of the run in good order before it had ended; another may take it up.</summary>
    public sealed record RunInterrupted() : AgentEvent(0);

    /// <summary>A process takes the run up where its journal ends.</summary>
    /// <param name="Owner">The process that works on the run from now on.</param>
    public sealed record RunResumed(string Owner) : AgentEvent(0);

    /// <summary>The run has ended.</summary>
    /// <param name="Status"><see cref="RunStatus.Completed"/> or <see cref="RunStatus.Failed"/>.</param>
    /// <param name="Answer">The final answer, if there is one.</param>
    /// <param name="FinishReason">Why it ended, see <see cref="FinishReasons"/>.</param>
    /// <param name="Error">What went wrong, for a failed run.</param>
    public sealed record RunFinished(RunStatus Status, string? Answer, string FinishReason, string? Error) : AgentEvent(0);
}
