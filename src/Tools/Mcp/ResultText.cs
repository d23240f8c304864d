using System.Globalization;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>Turns a tool's MCP result into the text a model reads. What is not text is described, never dropped.</summary>
internal static class ResultText
{
    /// <summary>Text blocks joined by line ends; the structured result when there is no text.</summary>
    public static string Of(CallToolResult result)
    {
        var hasText = result.Content.Any(block => block is TextContentBlock or EmbeddedResourceBlock { Resource: TextResourceContents });
        var parts = result.Content.Select(Describe);
        if (!hasText && result.StructuredContent is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } structured)
            parts = parts.Prepend(structured.GetRawText());
        return string.Join('\n', parts);
    }

    private static string Describe(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => $"[image: {image.MimeType}, {Size(() => image.DecodedData)}]",
        AudioContentBlock audio => $"[audio: {audio.MimeType}, {Size(() => audio.DecodedData)}]",
        ResourceLinkBlock link => $"[link: {link.Uri}{(string.IsNullOrEmpty(link.Name) ? "" : $", {link.Name}")}]",
        EmbeddedResourceBlock { Resource: TextResourceContents text } => $"[resource: {text.Uri}]\n{text.Text}",
        EmbeddedResourceBlock { Resource: BlobResourceContents blob } =>
            $"[resource: {blob.Uri}, {blob.MimeType ?? "unknown type"}, {Size(() => blob.DecodedData)}]",
        _ => $"[content of type '{block.Type}']",
    };

    private static string Size(Func<ReadOnlyMemory<byte>> data)
    {
        try
        {
            return string.Create(CultureInfo.InvariantCulture, $"{data().Length} bytes");
        }
        catch (FormatException)
        {
            return "damaged";
        }
    }
}
