namespace AgentKit.Models.Templates.Values;

/// <summary>What <c>namespace(…)</c> creates: the one value whose attributes a template may assign.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}
