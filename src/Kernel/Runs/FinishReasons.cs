namespace AgentKit.Kernel.Runs;

/// <summary>Why a run ended: the values of <see cref="AgentEvent.RunFinished.FinishReason"/>.</summary>
public static class FinishReasons
{
    /// <summary>The model answered without asking for a tool. The only reason of a completed run.</summary>
    public const string Answered = "answered";

    /// <summary>The model was asked as often as the agent's <c>MaxSteps</c> allows and still wanted tools.</summary>
    public const string StepLimit = "step_limit";

    /// <summary>
    /// As many rounds of tool calls in a row as <c>MaxConsecutiveErrors</c> allows failed altogether, through the model's or the tools'
    /// fault.
    /// </summary>
    public const string ErrorLimit = "error_limit";

    /// <summary>The run has used as many tokens as <c>MaxTokens</c> allows.</summary>
    public const string TokenLimit = "token_limit";

    /// <summary>The run has taken as long as <c>MaxDuration</c> allows; what was in work was cancelled.</summary>
    public const string TimeLimit = "time_limit";

    /// <summary>The model asked for the same calls and got the same results as often in a row as <c>MaxRepeats</c> allows.</summary>
    public const string RepeatLimit = "repeat_limit";

    /// <summary>The context is too long for the model and no compaction made it short enough.</summary>
    public const string ContextLimit = "context_limit";

    /// <summary>The model's answer was cut off at its output token limit; the part that came is kept as the answer.</summary>
    public const string Length = "length";

    /// <summary>The model gave neither text nor a tool call.</summary>
    public const string Empty = "empty";

    /// <summary>The caller cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The model, or AgentKit itself, failed.</summary>
    public const string Error = "error";
}
