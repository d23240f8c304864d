namespace AgentKit.Models.Chat;

/// <summary>
/// What a chat template can express, found by rendering probe conversations. A conversation is adapted to it before it is rendered.
/// </summary>
public sealed record TemplateCapabilities
{
    /// <summary>A system message shows up in the prompt. When false, its text is put in front of the first user message.</summary>
    public bool SystemRole { get; init; }

    /// <summary>The template knows the role <c>developer</c>. When false, such messages become system messages.</summary>
    public bool DeveloperRole { get; init; }

    /// <summary>Tool definitions show up in the prompt.</summary>
    public bool Tools { get; init; }

    /// <summary>Tool calls in the history show up in the prompt.</summary>
    public bool ToolCalls { get; init; }

    /// <summary>More than one call in a message shows up in the prompt.</summary>
    public bool ParallelToolCalls { get; init; }

    /// <summary>Tool results show up in the prompt.</summary>
    public bool ToolResults { get; init; }

    /// <summary>Arguments of calls must be given as JSON text, not as an object.</summary>
    public bool StringArguments { get; init; }

    /// <summary>A message with calls must have null as its content, not an empty string; its text goes into a message of its own.</summary>
    public bool NullContentWithCalls { get; init; }

    /// <summary>Tools are read from a text variable <c>functions</c>, beside a variable <c>datetime</c>, instead of <c>tools</c>.</summary>
    public bool FunctionsVariable { get; init; }

    /// <summary>Message text must be given as a list of typed parts, not as a string.</summary>
    public bool TypedContent { get; init; }

    /// <summary>The message field in which earlier reasoning shows up in the prompt; null when it never does.</summary>
    public string? ReasoningField { get; init; }

    /// <summary>The variable <c>enable_thinking</c> changes the prompt.</summary>
    public bool ThinkingSwitch { get; init; }
}
