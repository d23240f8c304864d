using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>
/// Turns arguments as the model wrote them into values, with the help of the tools' schemas where the text alone does not tell the type.
/// </summary>
internal sealed class ArgumentDecoder
{
    private readonly ToolSyntax _syntax;
    private readonly Dictionary<string, JsonElement> _schemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ArgumentFitter?> _fitters = new(StringComparer.Ordinal);

    public ArgumentDecoder(ToolSyntax syntax, IEnumerable<AITool>? tools)
    {
        _syntax = syntax;
        foreach (var tool in tools?.OfType<AIFunctionDeclaration>() ?? [])
            _schemas[tool.Name] = tool.JsonSchema;
    }

    public bool HasTools => _schemas.Count > 0;

    public bool KnowsTool(string name) => _schemas.ContainsKey(name);

    /// <summary>Decodes the arguments of one call; false when they are in no form the syntax allows.</summary>
    public bool TryDecode(RawCall call, out Dictionary<string, object?> arguments)
    {
        arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        JsonNode? node;
        if (call.Arguments is null)
            node = DecodeTagged(call);
        else if (_syntax.Encoding == ArgumentEncoding.NestedTags)
            node = DecodeNested(call);
        else if (!TryDecodeText(call.Arguments, out node))
            return false;
        if (node is not JsonObject fields)
            return false;
        foreach (var (key, value) in fields)
            arguments[key] = JsonSerializer.SerializeToElement(value);
        return true;
    }

    /// <summary>Decodes the arguments of a call that was JSON as a whole.</summary>
    public static bool TryDecode(JsonNode? value, out Dictionary<string, object?> arguments)
    {
        arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (value is JsonValue text && text.TryGetValue<string>(out var json) && !TryParse(json, out value))
            return false;
        if (value is not (null or JsonObject))
            return false;
        foreach (var (key, item) in value as JsonObject ?? [])
            arguments[key] = JsonSerializer.SerializeToElement(item);
        return true;
    }

    public static bool TryParse(string json, out JsonNode? value)
    {
        try
        {
            // Keys that come twice, at whatever depth, would else surface when the object is first read.
            value = JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            value = null;
            return false;
        }
    }

    private bool TryDecodeText(string text, out JsonNode? node)
    {
        switch (_syntax.Encoding)
        {
            case ArgumentEncoding.BareObject:
                text = text.TrimStart();
                return LooseLiteralReader.TryRead(text.StartsWith('{') ? text : "{" + text, out node, _syntax.StringQuote);
            case ArgumentEncoding.Python:
                var isCall = LooseLiteralReader.TryReadCalls($"f({text})", out var calls) && calls.Count == 1;
                node = isCall ? calls[0].Arguments : null;
                return isCall;
            default:
                return TryParse(text, out node);
        }
    }

    private JsonObject DecodeTagged(RawCall call)
    {
        var result = new JsonObject();
        var open = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value, type) in call.Tagged)
        {
            result[key] = WithoutCharacterData(value) is { } text ? text : DecodeValue(value, type ?? SchemaType(call.Name, key));
            if (type is null)
                open["/" + JsonPointer.Escape(key)] = value;
        }
        Fitter(call.Name)?.Fit(result, open);
        return result;
    }

    private JsonNode DecodeNested(RawCall call)
    {
        var reader = new NestedTagReader(call.Arguments!, _syntax.TagPrefix, DecodeUntyped);
        var result = reader.Read();
        if (result is JsonObject fields)
            Fitter(call.Name)?.Fit(fields, reader.Leaves);
        return result;
    }

    private ArgumentFitter? Fitter(string function)
    {
        if (!_fitters.TryGetValue(function, out var fitter) && _schemas.TryGetValue(function, out var schema))
            _fitters[function] = fitter = ArgumentFitter.For(schema);
        return fitter;
    }

    /// <summary>The inside of a CDATA section, in which XML-like syntaxes put strings with special characters.</summary>
    private static string? WithoutCharacterData(string value)
    {
        const string Start = "<![CDATA[";
        const string End = "]]>";
        var text = value.Trim();
        return text.StartsWith(Start, StringComparison.Ordinal) && text.EndsWith(End, StringComparison.Ordinal)
            && text.Length >= Start.Length + End.Length
            ? text[Start.Length..^End.Length]
            : null;
    }

    private static JsonNode? DecodeValue(string text, string? type) => type == "string" ? text : DecodeUntyped(text);

    /// <summary>JSON, or almost JSON, if it is one; otherwise a string.</summary>
    private static JsonNode? DecodeUntyped(string text)
    {
        var trimmed = text.Trim();
        if (TryParse(trimmed, out var value) && value is not JsonValue { } leaf)
            return value;
        if (value is JsonValue scalar && !scalar.TryGetValue<string>(out _))
            return value;
        if (trimmed is "True" or "False")
            return trimmed == "True";
        if (trimmed is "None" or "null")
            return null;
        return trimmed.Length > 0 && trimmed[0] is '{' or '[' && LooseLiteralReader.TryRead(trimmed, out var loose) ? loose : text;
    }

    /// <summary>"string" when the schema allows nothing else; null when it allows more or says nothing.</summary>
    private string? SchemaType(string function, string key)
    {
        if (!_schemas.TryGetValue(function, out var schema) || schema.ValueKind != JsonValueKind.Object
            || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object
            || !properties.TryGetProperty(key, out var property) || property.ValueKind != JsonValueKind.Object)
            return null;
        if (!property.TryGetProperty("type", out var type))
            return property.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array
                && values.EnumerateArray().All(value => value.ValueKind == JsonValueKind.String) ? "string" : null;
        return type.ValueKind == JsonValueKind.String ? type.GetString() : null;
    }
}
