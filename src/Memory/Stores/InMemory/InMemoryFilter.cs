using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores.InMemory;

/// <summary>Whether a record matches a filter.</summary>
internal static class InMemoryFilter
{
    public static bool Matches(MetadataFilter? filter, VectorStoreRecord record) => filter switch
    {
        null => true,
        MetadataFilter.Any any => Texts(record, any.Field).Any(text => any.Values.Contains(text, StringComparer.Ordinal)),
        MetadataFilter.Prefix prefix => Texts(record, prefix.Field).Any(text => text.StartsWith(prefix.Value, StringComparison.Ordinal)),
        MetadataFilter.Range range => record.Number(range.Field) is { } value && !(value < range.Least) && !(value > range.Most),
        MetadataFilter.And and => and.Filters.All(part => Matches(part, record)),
        MetadataFilter.Or or => or.Filters.Any(part => Matches(part, record)),
        MetadataFilter.Not not => !Matches(not.Filter, record),
        _ => throw new InvalidOperationException($"{filter.GetType().Name} is no filter that is known."),
    };

    private static IEnumerable<string> Texts(VectorStoreRecord record, string field) => record.Data.GetValueOrDefault(field) switch
    {
        string text => [text],
        string[] texts => texts,
        _ => [],
    };
}
