using System.Globalization;
using AgentKit.Memory.Knowledge.Search;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>A filter as a condition on the table of records <c>r</c>. Fields and values are parameters, never part of the text.</summary>
internal sealed class SqliteFilter
{
    private readonly List<object> _values = [];

    /// <param name="filter">The filter; everything matches when <c>null</c>.</param>
    public SqliteFilter(MetadataFilter? filter) => Condition = filter is null ? "1" : Write(filter);

    public string Condition { get; }

    /// <summary>Gives a command, which has <c>$scope</c>, the other parameters.</summary>
    public SqliteCommand Bind(SqliteCommand command)
    {
        foreach ((int i, object value) in _values.Index()) command.Parameters.AddWithValue(Name(i), value);
        return command;
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"$filter{i}");

    private string Write(MetadataFilter filter) => filter switch
    {
        MetadataFilter.Any { Values.Count: 0 } => "0",
        MetadataFilter.Any any => Records(any.Field, $"value IN ({string.Join(", ", any.Values.Select(Parameter))})"),
        MetadataFilter.Prefix prefix => Records(prefix.Field, Begins(Parameter(prefix.Value))),
        MetadataFilter.Range range => Records(range.Field, Within(range)),
        MetadataFilter.And and => Join(and.Filters, " AND ", "1"),
        MetadataFilter.Or or => Join(or.Filters, " OR ", "0"),
        MetadataFilter.Not not => $"NOT ({Write(not.Filter)})",
        _ => throw new InvalidOperationException($"{filter.GetType().Name} is no filter that is known."),
    };

    private string Records(string field, string condition) =>
        $"r.id IN (SELECT record FROM fields WHERE scope = $scope AND name = {Parameter(field)} AND {condition})";

    private static string Begins(string value) => $"substr(value, 1, length({value})) = {value}";

    private string Within(MetadataFilter.Range range)
    {
        string least = range.Least is { } from ? $"value >= {Parameter(from)}" : "1";
        return range.Most is { } to ? $"{least} AND value <= {Parameter(to)}" : least;
    }

    private string Join(IReadOnlyList<MetadataFilter> filters, string word, string empty) =>
        filters.Count == 0 ? empty : $"({string.Join(word, filters.Select(Write))})";

    private string Parameter(object value)
    {
        _values.Add(value);
        return Name(_values.Count - 1);
    }
}
