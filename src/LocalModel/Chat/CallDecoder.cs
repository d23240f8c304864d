using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>Makes function calls from what the readers read, and gives ids to calls that have none.</summary>
internal sealed class CallDecoder(ToolSyntax syntax, IEnumerable<AITool>? tools, string callIdSeed)
{
    private const string IdLetters = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>Nine letters and digits, the only form that every template accepts.</summary>
    private const int IdLength = 9;

    private readonly ArgumentDecoder _arguments = new(syntax, tools);
    private int _count;

    public bool HasTools => _arguments.HasTools;

    public bool TryDecode(CallReader reader, bool requireKnownTool, out List<FunctionCallContent> calls, out string reason)
    {
        calls = [];
        reason = "";
        var decoded = reader switch
        {
            PieceCallReader pieces => TryAdd(pieces.Call, calls),
            TextCallReader text => TryAddPython(text.Text, calls),
            JsonCallReader json => ArgumentDecoder.TryParse(json.Json, out var value)
                && TryAddJson(value, requireKnownTool, calls, depth: 0),
            MarkedJsonCallReader marked =>
                ArgumentDecoder.TryParse(marked.Json, out var value) && TryAddJson(value, requireKnownTool, calls, depth: 0),
            _ => false,
        };
        if (!decoded)
            reason = "the text between the marks is not a call with a name and arguments";
        return decoded;
    }

    private bool TryAdd(RawCall call, List<FunctionCallContent> calls)
    {
        if (!_arguments.TryDecode(call, out var arguments))
            return false;
        calls.Add(new FunctionCallContent(call.Id ?? NextId(), call.Name, arguments));
        return true;
    }

    private bool TryAddPython(string text, List<FunctionCallContent> calls)
    {
        // Families with Python calls write JSON when the system prompt asks for it.
        if (!LooseLiteralReader.TryReadCalls(text.Trim(), out var read))
            return ArgumentDecoder.TryParse($"[{text}]", out var json) && TryAddJson(json, requireKnownTool: false, calls, depth: 0);
        foreach (var (name, arguments) in read)
        {
            ArgumentDecoder.TryDecode(arguments, out var values);
            calls.Add(new FunctionCallContent(NextId(), name, values));
        }
        return true;
    }

    private bool TryAddJson(JsonNode? value, bool requireKnownTool, List<FunctionCallContent> calls, int depth)
    {
        if (value is JsonArray { Count: > 0 } array && depth == 0)
            return array.All(item => TryAddJson(item, requireKnownTool, calls, depth + 1));
        if (value is not JsonObject fields || Find(fields) is not var (name, arguments, id))
            return false;
        if (requireKnownTool && !_arguments.KnowsTool(name))
            return false;
        if (!ArgumentDecoder.TryDecode(arguments, out var values))
            return false;
        calls.Add(new FunctionCallContent(id ?? NextId(), name, values));
        return true;
    }

    /// <summary>Name, arguments and id of a call object. Models mix up the two usual names of the arguments; both are understood.</summary>
    private (string Name, JsonNode? Arguments, string? Id)? Find(JsonObject fields)
    {
        var id = syntax.IdField is { } field ? Text(fields[field]) : null;
        if (syntax.WrapperField is { } wrapper && fields[wrapper] is JsonObject inner)
            fields = inner;
        if (syntax.NameField is null)
            return fields.FirstOrDefault(item => item.Key != syntax.IdField) is { Key: { } key, Value: JsonObject or null } only
                ? (key, only.Value, id) : null;
        if (Text(fields[syntax.NameField]) is not { Length: > 0 } name)
            return null;
        var arguments = fields[syntax.ArgumentsField] ?? fields["arguments"] ?? fields["parameters"];
        return (name, arguments, id);
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private string NextId()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{callIdSeed}\n{++_count}"));
        return string.Concat(hash.Take(IdLength).Select(b => IdLetters[b % IdLetters.Length]));
    }
}
