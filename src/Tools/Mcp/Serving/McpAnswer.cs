using System.Text.Json;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>What the person at the client answered to a question of a tool.</summary>
/// <param name="Accepted">Whether the form was sent off; otherwise it was declined or closed.</param>
/// <param name="Content">The form's fields; an empty object when there are none.</param>
public sealed record McpAnswer(bool Accepted, JsonElement Content)
{
    /// <summary>Reads what a client sent; <c>null</c> when it is no answer to a form.</summary>
    internal static McpAnswer? Read(JsonElement? response)
    {
        if (response is not { ValueKind: JsonValueKind.Object } answer) return null;
        if (!answer.TryGetProperty("action", out JsonElement action) || action.ValueKind != JsonValueKind.String) return null;
        bool hasForm = answer.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.Object;
        return new McpAnswer(action.ValueEquals("accept"u8), hasForm ? content : JsonElement.Parse("{}"));
    }
}
