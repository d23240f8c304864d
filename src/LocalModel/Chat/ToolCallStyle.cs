namespace AgentKit.Models.Chat;

/// <summary>How a model writes a tool call.</summary>
public enum ToolCallStyle
{
    /// <summary>The template knows no tool calls.</summary>
    None,

    /// <summary>A JSON object with name and arguments: <c>{"name": "f", "arguments": {"x": 1}}</c>, usually between markers.</summary>
    JsonNative,

    /// <summary>
    /// The name stands between markers, the arguments are one JSON object: <c>&lt;function=f&gt;{"x": 1}&lt;/function&gt;</c>.
    /// </summary>
    TagWithJson,

    /// <summary>
    /// Name and every argument stand between markers: <c>&lt;function=f&gt;&lt;parameter=x&gt;1&lt;/parameter&gt;&lt;/function&gt;</c>.
    /// </summary>
    TagWithTaggedArguments,
}
