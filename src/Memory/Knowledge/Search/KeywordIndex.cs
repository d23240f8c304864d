using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Terms;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>
/// Okapi BM25 over the terms of headings and text (Robertson and Zaragoza 2009, equation 3.15, with k1 = 1.2 and b = 0.75). A chunk matches when
/// it has any of the query's terms.
/// </summary>
internal static class KeywordIndex
{
    /// <summary>How much a term in a title or heading counts, compared to one in the text.</summary>
    private const double HeadingWeight = 1.0;

    /// <summary>The best chunks of a scope, best first.</summary>
    public static List<Candidate> Search(SqliteConnection connection, long scope, string query, int count, MetadataFilter? filter)
    {
        IReadOnlyList<string> terms = Analyzer.TermsOf(query);
        if (terms.Count == 0) return [];
        string table = KnowledgeScopes.TableOf(scope);
        (string Sql, FilterSql Filter)? chunks = FilterSql.Chunks(filter);
        string within = chunks is null ? "" : $"AND rowid IN ({chunks.Value.Sql})";
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = FormattableString.Invariant(
            $"SELECT rowid, rank FROM {table} WHERE {table} MATCH $query AND rank MATCH 'bm25({HeadingWeight}, 1.0)' {within} ORDER BY rank LIMIT $count");
        command.Parameters.AddWithValue("$query", string.Join(" OR ", terms.Select(term => $"\"{term}\"")));
        command.Parameters.AddWithValue("$count", count);
        chunks?.Filter.Bind(command, scope);
        using SqliteDataReader row = command.ExecuteReader();
        var candidates = new List<Candidate>();
        while (row.Read()) candidates.Add(new Candidate(row.GetInt64(0), -row.GetDouble(1)));
        return candidates;
    }
}
