using System.Text.Json;
using AgentKit.Models.Constraints.Patterns;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>One schema of a document, read and checked. Keywords that are absent are <c>null</c> or empty.</summary>
internal sealed class Schema
{
    /// <summary>Different for every schema; a set of schemas is named by its ids.</summary>
    internal required int Id { get; init; }

    /// <summary>Where it stands in the document, as a JSON pointer.</summary>
    internal required string Path { get; init; }

    /// <summary>The schemas <c>true</c> and <c>false</c>.</summary>
    internal bool? Always { get; init; }

    internal Schema? Reference { get; set; }

    internal JsonTypes? Types { get; set; }

    internal IReadOnlyList<JsonElement>? Enum { get; set; }

    /// <summary>Values that are excluded; only negation makes this.</summary>
    internal IReadOnlyList<JsonElement> NotEnum { get; set; } = [];

    internal NumberBound? Lower { get; set; }

    internal NumberBound? Upper { get; set; }

    internal ExactNumber? MultipleOf { get; set; }

    internal int? MinLength { get; set; }

    internal int? MaxLength { get; set; }

    internal TextPattern? Pattern { get; set; }

    /// <summary>The pattern must not match; only negation makes this.</summary>
    internal bool PatternIsNegated { get; set; }

    internal string? Format { get; set; }

    internal IReadOnlyList<(string Name, Schema Schema)> Properties { get; set; } = [];

    /// <summary>The keyword <c>properties</c> is there, be it empty: then the members that are meant are known.</summary>
    internal bool DeclaresProperties { get; set; }

    internal IReadOnlyList<(TextPattern Pattern, Schema Schema)> PatternProperties { get; set; } = [];

    internal Schema? AdditionalProperties { get; set; }

    internal Schema? PropertyNames { get; set; }

    internal IReadOnlyList<string> Required { get; set; } = [];

    internal int? MinProperties { get; set; }

    internal int? MaxProperties { get; set; }

    internal IReadOnlyList<(string Name, IReadOnlyList<string> Needs)> DependentRequired { get; set; } = [];

    internal IReadOnlyList<(string Name, Schema Schema)> DependentSchemas { get; set; } = [];

    internal IReadOnlyList<Schema> PrefixItems { get; set; } = [];

    internal Schema? Items { get; set; }

    internal int? MinItems { get; set; }

    internal int? MaxItems { get; set; }

    internal bool UniqueItems { get; set; }

    internal Schema? Contains { get; set; }

    internal int? MinContains { get; set; }

    internal int? MaxContains { get; set; }

    internal IReadOnlyList<Schema> AllOf { get; set; } = [];

    internal IReadOnlyList<Schema> AnyOf { get; set; } = [];

    internal IReadOnlyList<Schema> OneOf { get; set; } = [];

    internal Schema? Not { get; set; }

    internal Schema? If { get; set; }

    internal Schema? Then { get; set; }

    internal Schema? Else { get; set; }

    /// <summary>
    /// The schemas that hold for the member <paramref name="name"/> of an object: by name, by pattern, or else the additional one.
    /// </summary>
    internal IEnumerable<Schema> ForMember(string name)
    {
        var known = false;
        foreach (var schema in Properties.Where(p => p.Name == name).Select(p => p.Schema)
                     .Concat(PatternProperties.Where(p => p.Pattern.Matches(name)).Select(p => p.Schema)))
        {
            known = true;
            yield return schema;
        }

        if (!known && AdditionalProperties is not null)
            yield return AdditionalProperties;
    }

    /// <summary>The schema that holds for the item at <paramref name="index"/> of an array, if any does.</summary>
    internal Schema? ForItem(int index) => index < PrefixItems.Count ? PrefixItems[index] : Items;
}
