using System.Text.Json.Nodes;

namespace AgentKit.Models.Templates;

/// <summary>What a chat template is rendered with, in the names and shapes published templates expect.</summary>
public sealed record TemplateInput
{
    /// <summary>The conversation in OpenAI's message shape (<c>role</c>, <c>content</c>, <c>tool_calls</c> …).</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>The tools in OpenAI's shape; null when there are none.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Whether the prompt ends with the opening of an assistant message, for the model to go on.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Text of the beginning-of-sequence token; empty when the model has none, null to leave the variable undefined.</summary>
    public string? BosToken { get; init; } = "";

    /// <summary>Text of the end-of-sequence token; empty when the model has none, null to leave the variable undefined.</summary>
    public string? EosToken { get; init; } = "";

    /// <summary>
    /// Further variables, such as <c>enable_thinking</c>: strings, numbers, booleans, JSON, lists and dictionaries of these. Their text
    /// counts as data
    /// unless it is a <see cref="TrustedText"/>. A name given here wins over the properties above.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();
}
