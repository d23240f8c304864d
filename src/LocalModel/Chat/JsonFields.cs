using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Reads the field names off the JSON of a rendered call.</summary>
internal static class JsonFields
{
    public static ToolSyntax Derive(ToolSyntax syntax, string json)
    {
        var call = JsonNode.Parse(json);
        while (call is JsonArray { Count: > 0 } array)
            call = array[0];
        return call is JsonObject fields ? Derive(syntax, fields, wrapper: null) : syntax;
    }

    private static ToolSyntax Derive(ToolSyntax syntax, JsonObject fields, string? wrapper)
    {
        var id = Field(fields, TemplateProbe.FirstId);
        if (fields.ContainsKey(TemplateProbe.FirstName))
            return syntax with { NameField = null, IdField = id, WrapperField = wrapper };
        if (Field(fields, TemplateProbe.FirstName) is { } name)
        {
            var arguments = fields.FirstOrDefault(field => field.Key != name
                && field.Value?.ToJsonString().Contains(TemplateProbe.FirstKey, StringComparison.Ordinal) == true);
            return syntax with { NameField = name, ArgumentsField = arguments.Key ?? syntax.ArgumentsField, IdField = id,
                WrapperField = wrapper };
        }
        foreach (var (key, value) in fields)
        {
            if (value is JsonObject inner && inner.ToJsonString().Contains(TemplateProbe.FirstName, StringComparison.Ordinal))
                return Derive(syntax, inner, key) with { IdField = id };
        }
        return syntax;
    }

    private static string? Field(JsonObject fields, string value) =>
        fields.FirstOrDefault(field => field.Value is JsonValue leaf && leaf.TryGetValue<string>(out var text) && text == value).Key;
}
