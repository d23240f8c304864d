namespace AgentKit.Models.Constraints;

/// <summary>How the white space between JSON tokens is written.</summary>
public enum JsonWhitespace
{
    /// <summary>
    /// One space after each comma and colon and nothing else, as Python writes it: <c>{"a": 1, "b": [2, 3]}</c>. The form models are mostly
    /// trained on.
    /// </summary>
    Compact,

    /// <summary>Any of: none, one space, one line break with at most 16 spaces or tabs.</summary>
    Flexible,
}
