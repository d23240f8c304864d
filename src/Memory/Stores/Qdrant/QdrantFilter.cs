using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores.Qdrant;

/// <summary>Filters as Qdrant's conditions.</summary>
internal static class QdrantFilter
{
    public const string ScopeKey = "scope";
    public const string TermsKey = "terms";

    /// <summary>The payload key of a field.</summary>
    public static string Key(string field) => $"f_{field}";

    /// <summary>What is in a scope and matches.</summary>
    public static Dictionary<string, object> In(MemoryScope scope, MetadataFilter? filter = null, Dictionary<string, object>? also = null)
    {
        var must = new List<object> { Match(ScopeKey, "value", scope.ToKey()) };
        if (filter is not null) must.Add(Write(filter));
        if (also is not null) must.Add(also);
        return new() { ["must"] = must };
    }

    public static Dictionary<string, object> Match(string key, string how, object value) =>
        new() { ["key"] = key, ["match"] = new Dictionary<string, object> { [how] = value } };

    private static Dictionary<string, object> Write(MetadataFilter filter) => filter switch
    {
        MetadataFilter.Any { Values.Count: 0 } => Nothing(),
        MetadataFilter.Any any => Match(Key(any.Field), "any", any.Values),
        MetadataFilter.Prefix { Value: "" } prefix => NotEmpty(prefix.Field),
        MetadataFilter.Prefix prefix => Match(Key(prefix.Field), "prefix", prefix.Value),
        MetadataFilter.Range { Least: null, Most: null } range => NotEmpty(range.Field),
        MetadataFilter.Range range => new() { ["key"] = Key(range.Field), ["range"] = Limits(range) },
        MetadataFilter.And and => new() { ["must"] = and.Filters.Select(Write).ToArray() },
        MetadataFilter.Or { Filters.Count: 0 } => Nothing(),
        MetadataFilter.Or or => new() { ["should"] = or.Filters.Select(Write).ToArray() },
        MetadataFilter.Not not => new() { ["must_not"] = new[] { Write(not.Filter) } },
        _ => throw new InvalidOperationException($"{filter.GetType().Name} is no filter that is known."),
    };

    private static Dictionary<string, object> Nothing() => new() { ["has_id"] = Array.Empty<string>() };

    private static Dictionary<string, object> NotEmpty(string field) => new()
    {
        ["must_not"] = new[] { new Dictionary<string, object> { ["is_empty"] = new Dictionary<string, object> { ["key"] = Key(field) } } },
    };

    private static Dictionary<string, object> Limits(MetadataFilter.Range range)
    {
        var limits = new Dictionary<string, object>();
        if (range.Least is { } least) limits["gte"] = least;
        if (range.Most is { } most) limits["lte"] = most;
        return limits;
    }
}
