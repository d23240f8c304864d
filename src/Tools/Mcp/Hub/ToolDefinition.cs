using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>What a user approves of a tool: all that the model or the policy reads, in one form whatever the order of members.</summary>
/// <param name="Name">The server's name for the tool.</param>
/// <param name="Json">Name, title, description, schemas and annotations as JSON with sorted members.</param>
/// <param name="Sha256">SHA-256 of <paramref name="Json"/> in UTF-8, hexadecimal.</param>
internal sealed record ToolDefinition(string Name, string Json, string Sha256)
{
    /// <summary>Members that matter, and what they are called when they have changed.</summary>
    private static readonly Dictionary<string, string> Members = new()
    {
        ["title"] = "title",
        ["description"] = "description",
        ["inputSchema"] = "arguments",
        ["outputSchema"] = "result",
        ["annotations"] = "declared effects",
        ["_meta"] = "declared effects",
    };

    /// <summary>The definition of a tool as its server gives it.</summary>
    public static ToolDefinition Of(Tool tool)
    {
        JsonElement whole = JsonSerializer.SerializeToElement(tool, McpJsonUtilities.DefaultOptions);
        var buffer = new ArrayBufferWriter<byte>();
        // Beyond ASCII everything is escaped: what a person cannot see in a description can be seen in its definition.
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in Sorted(whole))
            {
                if (member.Name != "name" && !Members.ContainsKey(member.Name)) continue;
                writer.WritePropertyName(member.Name);
                WriteSorted(writer, member.Value);
            }

            writer.WriteEndObject();
        }

        return new ToolDefinition(
            tool.Name, System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan), Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan)));
    }

    /// <summary>What differs from another definition of the tool, in words.</summary>
    /// <param name="before">The JSON of the other one.</param>
    public string Difference(string before)
    {
        try
        {
            using JsonDocument then = JsonDocument.Parse(before), now = JsonDocument.Parse(Json);
            IEnumerable<string> changed = Members
                .Where(member => Text(then.RootElement, member.Key) != Text(now.RootElement, member.Key))
                .Select(member => member.Value)
                .Distinct();
            return string.Join(", ", changed);
        }
        catch (JsonException)
        {
            // The record was made by hand; its hash differs, and that is what counts.
            return "definition";
        }
    }

    private static string? Text(JsonElement definition, string member) =>
        definition.ValueKind == JsonValueKind.Object && definition.TryGetProperty(member, out JsonElement value) ? value.GetRawText() : null;

    private static IEnumerable<JsonProperty> Sorted(JsonElement value) => value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal);

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty member in Sorted(value))
                {
                    writer.WritePropertyName(member.Name);
                    WriteSorted(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray()) WriteSorted(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
