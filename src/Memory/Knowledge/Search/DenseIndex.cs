using System.Numerics.Tensors;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Knowledge.Vectors.Graph;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>The vectors of one scope as one search sees them.</summary>
internal sealed class DenseIndex(VectorFile vectors, GraphSearch? graph, float[] query)
{
    /// <summary>The nearest chunks, best first; their scores are cosines.</summary>
    public List<Candidate> Search(SqliteConnection connection, long scope, int count, SearchOptions options)
    {
        bool[]? allowed = Allowed(connection, scope, options.Filter);
        if (options.Exact) return VectorScan.SearchExactly(vectors, query, count, allowed);
        return graph is null ? VectorScan.Search(vectors, query, count, allowed) : graph.Search(query, count, allowed);
    }

    /// <summary>Cosine of two chunks; 0 where one has no vector.</summary>
    public double Similarity(long one, long other)
    {
        (int left, int right) = (vectors.Ids.BinarySearch(one), vectors.Ids.BinarySearch(other));
        return left < 0 || right < 0 ? 0 : TensorPrimitives.Dot(vectors.Row(left), vectors.Row(right));
    }

    private bool[]? Allowed(SqliteConnection connection, long scope, MetadataFilter? filter)
    {
        if (FilterSql.Chunks(filter) is not { } chunks) return null;
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = chunks.Sql;
        chunks.Filter.Bind(command, scope);
        using SqliteDataReader row = command.ExecuteReader();
        bool[] allowed = new bool[vectors.Layout.Count];
        while (row.Read())
        {
            int at = vectors.Ids.BinarySearch(row.GetInt64(0));
            if (at >= 0) allowed[at] = true;
        }

        return allowed;
    }
}
