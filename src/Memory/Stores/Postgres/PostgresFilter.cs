using AgentKit.Memory.Knowledge.Search;
using Npgsql;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>A filter as a condition on the table of records <c>r</c>. Values are parameters, never part of the text; fields are names that were checked.</summary>
internal sealed class PostgresFilter
{
    private readonly VectorStoreCollectionDefinition _definition;
    private readonly int _first;
    private readonly List<object> _values = [];

    /// <param name="definition">The collection, whose fields the filter names.</param>
    /// <param name="filter">The filter; everything matches when <c>null</c>.</param>
    /// <param name="parameters">How many parameters the command has before those of the filter.</param>
    public PostgresFilter(VectorStoreCollectionDefinition definition, MetadataFilter? filter, int parameters)
    {
        (_definition, _first) = (definition, parameters + 1);
        Condition = filter is null ? "true" : Write(filter);
    }

    public string Condition { get; }

    /// <summary>The column of a field.</summary>
    public static string Column(string field) => $"f_{field}";

    /// <summary>Gives a command, which has the parameters before, those of the filter.</summary>
    public NpgsqlBatchCommand Bind(NpgsqlBatchCommand command)
    {
        foreach (object value in _values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private string Write(MetadataFilter filter) => filter switch
    {
        MetadataFilter.Any any when IsList(any.Field) => $"r.{Column(any.Field)} && {Parameter(any.Values.ToArray())}",
        MetadataFilter.Any any => $"r.{Column(any.Field)} = any({Parameter(any.Values.ToArray())})",
        MetadataFilter.Prefix prefix when IsList(prefix.Field) =>
            $"exists (select 1 from unnest(r.{Column(prefix.Field)}) as one where starts_with(one, {Parameter(prefix.Value)}))",
        MetadataFilter.Prefix prefix => $"starts_with(r.{Column(prefix.Field)}, {Parameter(prefix.Value)})",
        MetadataFilter.Range range => Range(range),
        MetadataFilter.And and => Join(and.Filters, " and ", "true"),
        MetadataFilter.Or or => Join(or.Filters, " or ", "false"),
        // What is not there is unknown to SQL; it matches nothing, and so its opposite does.
        MetadataFilter.Not not => $"(({Write(not.Filter)}) is not true)",
        _ => throw new InvalidOperationException($"{filter.GetType().Name} is no filter that is known."),
    };

    private string Range(MetadataFilter.Range range)
    {
        string column = $"r.{Column(range.Field)}";
        string least = range.Least is { } from ? $"{column} >= {Parameter(from)}" : $"{column} is not null";
        return range.Most is { } to ? $"({least} and {column} <= {Parameter(to)})" : least;
    }

    private bool IsList(string field) => _definition.Fields.Any(one => one.Name == field && one.Type is VectorStoreFieldType.Keywords);

    private string Join(IReadOnlyList<MetadataFilter> filters, string word, string empty) =>
        filters.Count == 0 ? empty : $"({string.Join(word, filters.Select(Write))})";

    private string Parameter(object value)
    {
        _values.Add(value);
        return $"${_first + _values.Count - 1}";
    }
}
