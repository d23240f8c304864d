using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Renders what a tool returned: always as content, and as structured content where the tool says what it returns. Results that are no
/// objects are wrapped into one, because clients expect one.
/// </summary>
internal static class ToolResultMap
{
    private const string Wrapped = "result";

    /// <summary>The schema of a tool's structured results; <c>null</c> when it says nothing about them.</summary>
    public static JsonElement? OutputSchema(AIFunction tool)
    {
        if (McpToolInfo.Of(tool).OutputSchema is { } declared) return declared;
        if (tool.ReturnJsonSchema is not { ValueKind: JsonValueKind.Object } schema || !schema.TryGetProperty("type", out JsonElement type)) return null;
        if (type.ValueKind != JsonValueKind.String) return null;
        if (type.ValueEquals("object"u8)) return schema;
        var wrapped = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [Wrapped] = JsonObject.Create(schema) },
            ["required"] = new JsonArray(Wrapped),
        };
        return JsonSerializer.SerializeToElement(wrapped, McpJsonUtilities.DefaultOptions);
    }

    public static CallToolResult Render(AIFunction tool, object? result) => result is CallToolResult ready
        ? ready
        : new CallToolResult { Content = Contents(result), StructuredContent = Structured(tool, result) };

    private static JsonElement? Structured(AIFunction tool, object? result)
    {
        if (result is null or JsonElement { ValueKind: JsonValueKind.Null } || OutputSchema(tool) is null || result is AIContent or IEnumerable<AIContent>) return null;
        JsonElement json = result is JsonElement element ? element : JsonSerializer.SerializeToElement(result, McpJsonUtilities.DefaultOptions);
        return json.ValueKind == JsonValueKind.Object
            ? json
            : JsonSerializer.SerializeToElement(new JsonObject { [Wrapped] = JsonValue.Create(json) }, McpJsonUtilities.DefaultOptions);
    }

    private static List<ContentBlock> Contents(object? result) => result switch
    {
        null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => [],
        string text => [Text(text)],
        JsonElement { ValueKind: JsonValueKind.String } text => [Text(text.GetString()!)],
        JsonElement json => [Text(json.GetRawText())],
        AIContent content => [content.ToContentBlock()],
        IEnumerable<AIContent> contents => [.. contents.Select(content => content.ToContentBlock())],
        _ => [Text(JsonSerializer.Serialize(result, McpJsonUtilities.DefaultOptions))],
    };

    private static TextContentBlock Text(string text) => new() { Text = text };
}
