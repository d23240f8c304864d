using System.Text.Encodings.Web;
using System.Text.Json;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Turns what a tool returns into text for the model.</summary>
internal static class ToolResults
{
    // The model reads it, no browser does: other scripts than Latin stay one token-friendly character each.
    private static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions)
    {
        WriteIndented = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Text as it is, everything else as compact JSON; a tool that returns nothing says that it is done.</summary>
    public static string ToText(object? value) => value switch
    {
        null => "Done.",
        string text => text,
        ToolOutput output => output.Text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        TextContent content => content.Text,
        DataContent data => $"[{data.MediaType}, {data.Data.Length} bytes; not shown as text]",
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(ToText)),
        _ => JsonSerializer.Serialize(value, Compact),
    };
}
