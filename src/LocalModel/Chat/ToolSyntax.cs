namespace AgentKit.Models.Chat;

/// <summary>
/// How one model writes reasoning, answers and tool calls. Derived from its chat template; immutable. A message with calls is
/// [reasoning] [text] <see cref="SectionStart"/> call (<see cref="CallSeparator"/> call)* <see cref="SectionEnd"/>, where a call is <see
/// cref="Call"/>.
/// All texts are exactly as the template writes them, white space included.
/// </summary>
public sealed record ToolSyntax
{
    /// <summary>How a call is written.</summary>
    public ToolCallStyle Style { get; init; }

    /// <summary>Text before the first call; empty when every call has its own markers.</summary>
    public string SectionStart { get; init; } = "";

    /// <summary>Text behind the last call.</summary>
    public string SectionEnd { get; init; } = "";

    /// <summary>The pieces of one call, in order; empty when <see cref="Style"/> is <see cref="ToolCallStyle.None"/>.</summary>
    public IReadOnlyList<CallPiece> Call { get; init; } = [];

    /// <summary>Text between two calls.</summary>
    public string CallSeparator { get; init; } = "";

    /// <summary>Whether a message may hold more than one call.</summary>
    public bool ParallelCalls { get; init; }

    /// <summary>How the arguments are written.</summary>
    public ArgumentEncoding Encoding { get; init; }

    /// <summary>How one argument is written, for <see cref="CallPieceKind.TaggedArguments"/>.</summary>
    public TaggedArgumentSyntax? TaggedArgument { get; init; }

    /// <summary>Marks around a string in <see cref="ArgumentEncoding.BareObject"/>.</summary>
    public string StringQuote { get; init; } = "\"";

    /// <summary>Text before every tag in <see cref="ArgumentEncoding.NestedTags"/>.</summary>
    public string TagPrefix { get; init; } = "";

    /// <summary>JSON field with the function's name; null when the name is itself the key of the arguments.</summary>
    public string? NameField { get; init; } = "name";

    /// <summary>JSON field with the arguments.</summary>
    public string ArgumentsField { get; init; } = "arguments";

    /// <summary>JSON field with the call's id; null when calls have none.</summary>
    public string? IdField { get; init; }

    /// <summary>JSON field that wraps name and arguments, as in <c>{"function": {"name": …}}</c>; null when there is none.</summary>
    public string? WrapperField { get; init; }

    /// <summary>
    /// Text that opens reasoning, such as <c>&lt;think&gt;</c>; empty when reasoning begins without a mark, at the start of the output.
    /// </summary>
    public string ReasoningStart { get; init; } = "";

    /// <summary>Text that closes reasoning; empty when the model does not reason in the open.</summary>
    public string ReasoningEnd { get; init; } = "";

    /// <summary>Text around an answer, when the model puts the answer between markers.</summary>
    public string ContentStart { get; init; } = "";

    /// <summary>Text behind an answer.</summary>
    public string ContentEnd { get; init; } = "";

    /// <summary>
    /// Texts without meaning of their own, such as the header of a further message; dropped from the output. A <c>*</c> stands for one to
    /// 64 characters
    /// other than <c>&lt;</c> and line breaks.
    /// </summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>What the template appends for the model to go on, with default variables.</summary>
    public string GenerationPrompt { get; init; } = "";

    /// <summary>Whether reasoning is open when generation begins, with default variables.</summary>
    public bool ForcedOpenReasoning { get; init; }

    /// <summary>Whether the model marks reasoning.</summary>
    public bool HasReasoning => ReasoningEnd.Length > 0;
}
