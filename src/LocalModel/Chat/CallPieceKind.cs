namespace AgentKit.Models.Chat;

/// <summary>What stands at one place of a tool call.</summary>
public enum CallPieceKind
{
    /// <summary>Fixed text.</summary>
    Literal,

    /// <summary>The name of the function.</summary>
    FunctionName,

    /// <summary>Text without meaning that some models write here, up to the next literal; nothing at all is right too.</summary>
    Filler,

    /// <summary>The id of the call, letters and digits chosen by the model.</summary>
    CallId,

    /// <summary>The number of the call in its message, in decimal digits.</summary>
    CallIndex,

    /// <summary>All arguments in one piece, written as <see cref="ToolSyntax.Encoding"/> says.</summary>
    Arguments,

    /// <summary>Zero or more arguments, each written as <see cref="ToolSyntax.TaggedArgument"/> says.</summary>
    TaggedArguments,
}
