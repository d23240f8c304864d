using System.Text.Json.Serialization;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>
/// Which documents or records a search may find, as data: it can be stored and sent. For documents a field is <c>source</c>, <c>kind</c>,
/// <c>title</c>, or the name of a metadata entry; for records of a store it is an indexed field. What does not have the field matches none of
/// its values.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(Any), "any")]
[JsonDerivedType(typeof(Prefix), "prefix")]
[JsonDerivedType(typeof(Range), "range")]
[JsonDerivedType(typeof(And), "and")]
[JsonDerivedType(typeof(Or), "or")]
[JsonDerivedType(typeof(Not), "not")]
public abstract record MetadataFilter
{
    private MetadataFilter()
    {
    }

    /// <summary>The field has this value.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The value.</param>
    public static MetadataFilter Is(string field, string value) => new Any(field, [value]);

    /// <summary>The field has one of these values.</summary>
    /// <param name="Field">The field.</param>
    /// <param name="Values">The values; with none, nothing matches.</param>
    public sealed record Any(string Field, IReadOnlyList<string> Values) : MetadataFilter;

    /// <summary>The field's value begins like this.</summary>
    /// <param name="Field">The field.</param>
    /// <param name="Value">The beginning.</param>
    public sealed record Prefix(string Field, string Value) : MetadataFilter;

    /// <summary>The field's value is a number from one limit to another, both included.</summary>
    /// <param name="Field">The field.</param>
    /// <param name="Least">The smallest; no limit when <c>null</c>.</param>
    /// <param name="Most">The largest; no limit when <c>null</c>.</param>
    public sealed record Range(string Field, double? Least = null, double? Most = null) : MetadataFilter;

    /// <summary>All of these hold.</summary>
    /// <param name="Filters">The filters; with none, everything matches.</param>
    public sealed record And(IReadOnlyList<MetadataFilter> Filters) : MetadataFilter;

    /// <summary>One of these holds.</summary>
    /// <param name="Filters">The filters; with none, nothing matches.</param>
    public sealed record Or(IReadOnlyList<MetadataFilter> Filters) : MetadataFilter;

    /// <summary>This does not hold.</summary>
    /// <param name="Filter">The filter.</param>
    public sealed record Not(MetadataFilter Filter) : MetadataFilter;
}
