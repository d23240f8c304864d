using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AgentKit.Models.Templates;

namespace AgentKit.Models.Chat;

/// <summary>
/// Descriptions, as data, of families whose templates do not show all of their syntax. A description names what a template's source must
/// contain, or its
/// SHA-256, and the fields of <see cref="ToolSyntax"/> to put in place of the derived ones.
/// </summary>
internal static class ToolSyntaxCatalog
{
    private const string ResourcePrefix = "AgentKit.Models.Chat.Families.";

    private static readonly JsonSerializerOptions Options = new(
        JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static readonly Lazy<IReadOnlyList<JsonObject>> Families = new(Load);

    /// <summary>The derived syntax, with the fields of the first description that fits put in place.</summary>
    public static ToolSyntax Complete(ChatTemplate template, ToolSyntax derived)
    {
        var family = Families.Value.FirstOrDefault(candidate => Fits(candidate, template));
        if (family is null)
            return derived;
        var fields = JsonSerializer.SerializeToNode(derived, Options)!.AsObject();
        foreach (var (name, value) in family["syntax"]!.AsObject())
            fields[name] = value?.DeepClone();
        var syntax = fields.Deserialize<ToolSyntax>(Options)!;
        var opening = syntax.ReasoningStart.Trim();
        return syntax with { ForcedOpenReasoning = opening.Length > 0
            && syntax.GenerationPrompt.TrimEnd().EndsWith(opening, StringComparison.Ordinal) };
    }

    private static bool Fits(JsonObject family, ChatTemplate template) =>
        family["sha256"] is JsonArray hashes && hashes.Any(hash => hash!.GetValue<string>() == template.Sha256)
        || family["contains"] is JsonArray texts
            && texts.All(text => template.Source.Contains(text!.GetValue<string>(), StringComparison.Ordinal));

    private static List<JsonObject> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var families = new List<JsonObject>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix,
            StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            families.Add(JsonNode.Parse(stream)!.AsObject());
        }
        return families;
    }
}
