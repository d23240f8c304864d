using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Store;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// The vectors of one scope by chunk: those the table has, or for <see cref="LexicalEmbedder"/> those of the chunks' texts, which take less time
/// to make than to store. What an earlier file has of the same chunk with the same content is taken from there.
/// </summary>
/// <param name="connection">A connection that sees one state.</param>
/// <param name="scope">The scope.</param>
/// <param name="embedder">What makes its vectors.</param>
/// <param name="before">An earlier file by the same embedder.</param>
internal sealed class VectorRows(SqliteConnection connection, long scope, string embedder, VectorFile? before)
{
    private const int RowsAtOnce = 2048;

    // The order of the joins is fixed: rows come by id as they lie there, without being sorted.
    private const string Tables = "chunks c CROSS JOIN documents d ON d.id = c.document WHERE d.scope = $scope";
    private const string TablesWithContexts =
        "chunks c CROSS JOIN documents d ON d.id = c.document LEFT JOIN contexts x ON x.chunk = c.id WHERE d.scope = $scope";

    private const string TablesWithVectors = "vectors v CROSS JOIN chunks c ON c.id = v.chunk CROSS JOIN documents d ON d.id = c.document WHERE d.scope = $scope";
    private const string TablesWithVectorsAndContexts =
        "vectors v CROSS JOIN chunks c ON c.id = v.chunk CROSS JOIN documents d ON d.id = c.document LEFT JOIN contexts x ON x.chunk = c.id WHERE d.scope = $scope";

    private readonly bool _isLexical = embedder == LexicalEmbedder.Name;

    /// <summary>Rows there are.</summary>
    public int Count { get; } = CountOf(connection, scope, embedder);

    /// <summary>Of each vector.</summary>
    public int Dimensions { get; } = embedder == LexicalEmbedder.Name ? LexicalEmbedder.Dimensions
        : Math.Max(1, (int)Scalar(connection, scope, $"SELECT coalesce(max(length(v.vector)), 0) FROM {TablesWithVectors}") / sizeof(float));

    /// <summary>Rows there are, without more being read.</summary>
    public static int CountOf(SqliteConnection connection, long scope, string embedder) =>
        (int)Scalar(connection, scope, $"SELECT count(*) FROM {(embedder == LexicalEmbedder.Name ? Tables : TablesWithVectors)}");

    /// <summary>The rows, by id, with a mark of what was embedded.</summary>
    /// <exception cref="UserInputException">Vectors have different lengths.</exception>
    public IEnumerable<(long Id, ulong Content, float[] Vector)> Read() => _isLexical ? Chunks().Chunk(RowsAtOnce).SelectMany(Embed) : Stored();

    private ParallelQuery<(long Id, ulong Content, float[] Vector)> Embed((long Id, ulong Content, string? Text)[] rows) =>
        rows.AsParallel().AsOrdered().Select(row => (row.Id, row.Content, row.Text is null ? Kept(row.Id, row.Content)! : LexicalEmbedder.Embed(row.Text)));

    private IEnumerable<(long Id, ulong Content, string? Text)> Chunks()
    {
        using SqliteCommand command = Select($"SELECT c.id, c.hash, d.title, c.heading, coalesce(x.text, ''), c.text FROM {TablesWithContexts} ORDER BY c.id");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            (long id, ulong content) = (row.GetInt64(0), ContentOf(row.GetFieldValue<byte[]>(1), row.GetString(4)));
            yield return (id, content, PlaceOf(id, content) >= 0 ? null : VectorWriter.TextToEmbed(row, 2));
        }
    }

    private IEnumerable<(long Id, ulong Content, float[] Vector)> Stored()
    {
        using SqliteCommand command = Select($"SELECT v.chunk, c.hash, coalesce(x.text, ''), v.vector FROM {TablesWithVectorsAndContexts} ORDER BY v.chunk");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            (long id, ulong content) = (row.GetInt64(0), ContentOf(row.GetFieldValue<byte[]>(1), row.GetString(2)));
            float[] vector = Kept(id, content) ?? MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(3)).ToArray();
            if (vector.Length != Dimensions)
            {
                throw new UserInputException(
                    "Embedder", $"The vectors of this knowledge have {vector.Length} and {Dimensions} dimensions: add the documents with one embedder.");
            }

            yield return (id, content, vector);
        }
    }

    /// <summary>Title, headings and text are in the chunk's hash.</summary>
    private static ulong ContentOf(byte[] hash, string context) =>
        BinaryPrimitives.ReadUInt64LittleEndian(hash) ^ (context.Length > 0 ? VectorFile.Mark(context) : 0);

    /// <returns>The row of the earlier file, negative when it has none.</returns>
    private int PlaceOf(long id, ulong content)
    {
        if (before is null || before.Layout.Dimensions != Dimensions) return -1;
        int place = before.Ids.BinarySearch(id);
        return place >= 0 && before.Contents[place] == content ? place : -1;
    }

    private float[]? Kept(long id, ulong content) => PlaceOf(id, content) is >= 0 and var place ? before!.Row(place).ToArray() : null;

    private static long Scalar(SqliteConnection connection, long scope, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$scope", scope);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Select(string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$scope", scope);
        return command;
    }
}
