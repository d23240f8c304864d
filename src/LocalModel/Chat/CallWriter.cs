using System.Text;
using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>
/// Writes calls as a model writes them, for templates that print only the text of a message: without it, a model would not see its own
/// calls.
/// </summary>
internal static class CallWriter
{
    /// <summary>Whether calls of this syntax can be written.</summary>
    public static bool CanWrite(ToolSyntax syntax) =>
        syntax.Style is ToolCallStyle.JsonNative or ToolCallStyle.TagWithJson
            && syntax.Encoding is ArgumentEncoding.Json or ArgumentEncoding.Python;

    public static string Write(ToolSyntax syntax, IReadOnlyList<(string Id, string Name, JsonObject Arguments)> calls)
    {
        var text = new StringBuilder(syntax.SectionStart);
        for (var i = 0; i < calls.Count; i++)
        {
            if (i > 0)
                text.Append(syntax.CallSeparator);
            foreach (var piece in syntax.Call)
                text.Append(Write(syntax, piece, calls[i], i));
        }
        return text.Append(syntax.SectionEnd).ToString();
    }

    private static string Write(ToolSyntax syntax, CallPiece piece, (string Id, string Name, JsonObject Arguments) call, int index) =>
        piece.Kind switch
    {
        CallPieceKind.Filler => "",
        CallPieceKind.FunctionName => call.Name,
        CallPieceKind.CallId => call.Id,
        CallPieceKind.CallIndex => $"{index}",
        CallPieceKind.Arguments when syntax.Encoding == ArgumentEncoding.Python =>
            string.Join(", ", call.Arguments.Select(argument => $"{argument.Key}={PythonLiteral(argument.Value)}")),
        CallPieceKind.Arguments => JsonText.Write(call.Arguments),
        _ => piece.Text,
    };

    private static string PythonLiteral(JsonNode? value) => value switch
    {
        null => "None",
        JsonObject fields => "{"
            + string.Join(", ", fields.Select(field => $"{JsonText.Write(field.Key)}: {PythonLiteral(field.Value)}")) + "}",
        JsonArray items => "[" + string.Join(", ", items.Select(PythonLiteral)) + "]",
        JsonValue leaf when leaf.TryGetValue<bool>(out var flag) => flag ? "True" : "False",
        _ => JsonText.Write(value),
    };
}
