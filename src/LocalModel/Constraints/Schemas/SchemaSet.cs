using System.Text.Json;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Schemas that hold together, without alternatives left to choose between; their keywords are merged here.</summary>
internal sealed class SchemaSet(IReadOnlyList<Schema> schemas)
{
    internal IReadOnlyList<Schema> Schemas { get; } = schemas;

    internal NumberBound? Lower => Schemas.Aggregate((NumberBound?)null, (bound, s) => NumberBound.Tighter(bound, s.Lower, isLower: true));

    internal NumberBound? Upper => Schemas.Aggregate((NumberBound?)null, (bound, s) => NumberBound.Tighter(bound, s.Upper, isLower: false));

    internal int MinLength => Most(s => s.MinLength);

    internal int? MaxLength => Least(s => s.MaxLength);

    internal int MinItems => Most(s => s.MinItems);

    internal int? MaxItems => Least(s => s.MaxItems);

    internal int MinProperties => Most(s => s.MinProperties);

    internal int? MaxProperties => Least(s => s.MaxProperties);

    /// <summary>
    /// The types that are possible. Where no schema names any, keywords that speak of some types only are taken to mean these:
    /// <c>{"properties": …}</c> alone would allow any string, which nobody means; what is generated is valid either way.
    /// </summary>
    internal JsonTypes Types
    {
        get
        {
            var types = Schemas.Aggregate(JsonTypes.Any, (all, s) => all & (s.Types ?? JsonTypes.Any));
            if (Schemas.Any(s => s.Types is not null))
                return types;
            var meant = Schemas.Aggregate(JsonTypes.None, (all, s) => all | Meant(s));
            return meant == JsonTypes.None ? types : meant;
        }
    }

    /// <summary>The values that are possible when some schema lists them: those of the first list that fit all schemas.</summary>
    internal IReadOnlyList<JsonElement>? Values =>
        Schemas.FirstOrDefault(s => s.Enum is not null)?.Enum!.Where(v => Schemas.All(s => SchemaCheck.IsValid(s, v))).ToArray();

    /// <summary>The values excluded one by one.</summary>
    internal IEnumerable<JsonElement> Excluded => Schemas.SelectMany(s => s.NotEnum);

    /// <summary>The types that the keywords of a schema speak of.</summary>
    internal static JsonTypes Meant(Schema s)
    {
        var types = JsonTypes.None;
        if (s.Lower is not null || s.Upper is not null || s.MultipleOf is not null)
            types |= JsonTypes.Number;
        if (s.MinLength is not null || s.MaxLength is not null || s.Pattern is not null || s.Format is not null)
            types |= JsonTypes.String;
        if (s.PrefixItems.Count > 0 || s.Items is not null || s.MinItems is not null || s.MaxItems is not null ||
            s.UniqueItems || s.Contains is not null)
        {
            types |= JsonTypes.Array;
        }

        if (s.DeclaresProperties || s.Properties.Count > 0 || s.PatternProperties.Count > 0 || s.AdditionalProperties is not null || s.PropertyNames is not null ||
            s.Required.Count > 0 || s.MinProperties is not null || s.MaxProperties is not null || s.DependentRequired.Count > 0)
        {
            types |= JsonTypes.Object;
        }

        return types;
    }

    private int Most(Func<Schema, int?> bound) => Schemas.Max(s => bound(s) ?? 0);

    private int? Least(Func<Schema, int?> bound) => Schemas.Min(bound);
}
