using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Tools.Mcp;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Http;

/// <summary>
/// The headers that repeat parts of a message for whatever stands between client and server. What they say must be what the message says,
/// or else the thing between has decided about another message than the one that is run.
/// </summary>
internal sealed class RoutingHeaders(McpToolServer server)
{
    private const string EncodedStart = "=?base64?";
    private const string EncodedEnd = "?=";

    private readonly Dictionary<string, (string Argument, string Header)[]> _parameters = server.Tools
        .Select(tool => (tool.Name, Headers: Declared(tool.JsonSchema).ToArray()))
        .Where(tool => tool.Headers.Length > 0)
        .ToDictionary(tool => tool.Name, tool => tool.Headers, StringComparer.Ordinal);

    /// <summary>What does not match.</summary>
    /// <returns><c>null</c> when everything does.</returns>
    public string? Fault(HttpRequest request, string method, JsonObject? parameters)
    {
        string? stated = Single(request, "Mcp-Method");
        if (stated != method) return $"the header Mcp-Method must be '{method}', found {Show(stated)}";
        string? part = method switch
        {
            "tools/call" or "prompts/get" => "name",
            "resources/read" => "uri",
            "tasks/get" or "tasks/update" or "tasks/cancel" => "taskId",
            _ => null,
        };
        if (part is null || TextOf(parameters?[part]) is not { } name) return null;
        string? named = Decode(Single(request, "Mcp-Name"));
        if (named != name) return $"the header Mcp-Name must be the message's {part}, found {Show(named)}";
        return method == "tools/call" && _parameters.TryGetValue(name, out var headers)
            ? headers.Select(header => ParameterFault(request, parameters?["arguments"]?[header.Argument], header)).FirstOrDefault(fault => fault is not null)
            : null;
    }

    private static string? ParameterFault(HttpRequest request, JsonNode? value, (string Argument, string Header) header)
    {
        string name = $"Mcp-Param-{header.Header}";
        string? raw = Single(request, name);
        if (value is null) return raw is null ? null : $"the header {name} is there, but the argument '{header.Argument}' is not";
        if (raw is null) return $"the header {name} is missing; it must repeat the argument '{header.Argument}'";
        if (Decode(raw) is not { } text) return $"the header {name} is not valid Base64";
        return text == Canonical(value) ? null : $"the header {name} does not repeat the argument '{header.Argument}'";
    }

    private static IEnumerable<(string Argument, string Header)> Declared(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties)) yield break;
        if (properties.ValueKind != JsonValueKind.Object) yield break;
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object
                && property.Value.TryGetProperty("x-mcp-header", out JsonElement header)
                && header.ValueKind == JsonValueKind.String)
            {
                yield return (property.Name, header.GetString()!);
            }
        }
    }

    private static string Canonical(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number when value.Deserialize<double>() is var number && double.IsInteger(number) => number.ToString("F0", CultureInfo.InvariantCulture),
        _ => value.ToJsonString(),
    };

    /// <summary>A header's value; <c>null</c> when it is missing or given more than once.</summary>
    private static string? Single(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var values) && values.Count == 1 ? values[0]?.Trim() : null;

    /// <returns><c>null</c> when there is no value or it cannot be decoded.</returns>
    private static string? Decode(string? value)
    {
        if (value is null || !value.StartsWith(EncodedStart, StringComparison.Ordinal) || !value.EndsWith(EncodedEnd, StringComparison.Ordinal)) return value;
        return value.Length >= EncodedStart.Length + EncodedEnd.Length ? McpHeaderEncoder.DecodeValue(value) : null;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string Show(string? value) => value is null ? "none" : $"'{value}'";
}
