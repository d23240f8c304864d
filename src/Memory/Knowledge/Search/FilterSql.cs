using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>A filter as a condition on the table of documents <c>d</c>. Fields and values are parameters, never part of the text.</summary>
internal sealed class FilterSql
{
    private readonly List<string> _values = [];

    private FilterSql(MetadataFilter filter) => Condition = Write(filter);

    public string Condition { get; }

    /// <summary>The chunks of a scope that a filter lets through, as a query; <c>null</c> for no filter.</summary>
    public static (string Sql, FilterSql Filter)? Chunks(MetadataFilter? filter)
    {
        if (filter is null) return null;
        var condition = new FilterSql(filter);
        return ($"SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document WHERE d.scope = $scope AND {condition.Condition}", condition);
    }

    /// <summary>Gives a command the parameters.</summary>
    public void Bind(SqliteCommand command, long scope)
    {
        command.Parameters.AddWithValue("$scope", scope);
        foreach ((int i, string value) in _values.Index()) command.Parameters.AddWithValue(Name(i), value);
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"$filter{i}");

    private string Write(MetadataFilter filter) => filter switch
    {
        MetadataFilter.Any { Values.Count: 0 } => "0",
        MetadataFilter.Any any => $"coalesce({Field(any.Field)} IN ({string.Join(", ", any.Values.Select(Parameter))}), 0)",
        MetadataFilter.Prefix prefix => Prefix(prefix),
        MetadataFilter.And and => Join(and.Filters, " AND ", "1"),
        MetadataFilter.Or or => Join(or.Filters, " OR ", "0"),
        MetadataFilter.Range range => Range(range),
        MetadataFilter.Not not => $"NOT ({Write(not.Filter)})",
        _ => throw new InvalidOperationException($"{filter.GetType().Name} is no filter."),
    };

    private string Prefix(MetadataFilter.Prefix prefix)
    {
        string value = Parameter(prefix.Value);
        return $"coalesce(substr({Field(prefix.Field)}, 1, length({value})) = {value}, 0)";
    }

    /// <summary>Metadata are texts; those that are written as a number count as one.</summary>
    private string Range(MetadataFilter.Range range)
    {
        string value = Field(range.Field);
        string least = range.Least is { } from ? $" AND CAST({value} AS REAL) >= {Number(from)}" : "";
        string most = range.Most is { } to ? $" AND CAST({value} AS REAL) <= {Number(to)}" : "";
        return $"(CASE WHEN json_valid({value}) THEN json_type({value}) IN ('integer', 'real'){least}{most} ELSE 0 END)";
    }

    private string Number(double value) => $"CAST({Parameter(value.ToString("R", CultureInfo.InvariantCulture))} AS REAL)";

    private string Join(IReadOnlyList<MetadataFilter> filters, string word, string empty) =>
        filters.Count == 0 ? empty : $"({string.Join(word, filters.Select(Write))})";

    private string Field(string field) => field switch
    {
        "source" or "kind" or "title" => $"d.{field}",
        _ => $"json_extract(d.metadata, {Parameter($"$.{JsonSerializer.Serialize(field)}")})",
    };

    private string Parameter(string value)
    {
        _values.Add(value);
        return Name(_values.Count - 1);
    }
}
