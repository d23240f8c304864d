using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Sqlite;
using AgentKit.Memory.Stores;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Shared;

/// <summary>Chunks as records of a store; <c>docs/formats.md</c> describes them.</summary>
internal static class ChunkRecords
{
    /// <summary>The field that tells whether a record is up to date.</summary>
    public const string Stamp = "stamp";

    private const string Tags = "tags";
    private const int LongestName = 27;

    private static readonly string[] OwnFields = ["source", "kind", "title"];

    public static VectorStoreCollectionDefinition Shape(string embedder, int dimensions)
    {
        return new VectorStoreCollectionDefinition(
            $"knowledge_{NameOf(embedder)}",
            dimensions,
            new("source", VectorStoreFieldType.Keyword),
            new("kind", VectorStoreFieldType.Keyword),
            new("title", VectorStoreFieldType.Keyword),
            new(Tags, VectorStoreFieldType.Keywords),
            new("page", VectorStoreFieldType.Number, IsIndexed: false),
            new("heading", VectorStoreFieldType.Keyword, IsIndexed: false),
            new("first", VectorStoreFieldType.Number, IsIndexed: false),
            new("last", VectorStoreFieldType.Number, IsIndexed: false),
            new("body", VectorStoreFieldType.Number, IsIndexed: false),
            new("chunk_hash", VectorStoreFieldType.Keyword, IsIndexed: false),
            new("document_hash", VectorStoreFieldType.Keyword, IsIndexed: false),
            new(Stamp, VectorStoreFieldType.Keyword, IsIndexed: false));
    }

    /// <summary>All chunks of a scope without vectors, in the order of documents.</summary>
    public static IEnumerable<VectorStoreRecord> Read(string knowledgeFile, MemoryScope scope)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(knowledgeFile);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        if (KnowledgeScopes.Find(connection, scope) is not { } id) yield break;
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT d.source, d.kind, d.title, d.metadata, d.hash, c.page, c.heading, c.start, c.end, c.hash, c.text, coalesce(x.text, '')
            FROM documents d JOIN chunks c ON c.document = d.id LEFT JOIN contexts x ON x.chunk = c.id WHERE d.scope = $scope ORDER BY d.id, c.ordinal
            """;
        command.Parameters.AddWithValue("$scope", id);
        using SqliteDataReader row = command.ExecuteReader();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (row.Read())
        {
            string key = $"{Short(row.GetString(0))}-{Hex(row, 9)}";
            // A document may say the same twice under one heading.
            int before = seen[key] = seen.GetValueOrDefault(key) + 1;
            yield return Record(row, before == 1 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}-{before}"));
        }
    }

    /// <summary>A filter on documents as one on these records.</summary>
    /// <exception cref="UserInputException">It compares metadata as numbers, which are texts here.</exception>
    public static MetadataFilter? Filter(MetadataFilter? filter) => filter switch
    {
        null => null,
        MetadataFilter.Any any when !OwnFields.Contains(any.Field) => new MetadataFilter.Any(Tags, [.. any.Values.Select(value => $"{any.Field}={value}")]),
        MetadataFilter.Prefix prefix when !OwnFields.Contains(prefix.Field) => new MetadataFilter.Prefix(Tags, $"{prefix.Field}={prefix.Value}"),
        MetadataFilter.Range => throw new UserInputException("Filter", "A filter by range needs the knowledge base itself; in a store it is not offered."),
        MetadataFilter.And and => new MetadataFilter.And([.. and.Filters.Select(part => Filter(part)!)]),
        MetadataFilter.Or or => new MetadataFilter.Or([.. or.Filters.Select(part => Filter(part)!)]),
        MetadataFilter.Not not => new MetadataFilter.Not(Filter(not.Filter)!),
        _ => filter,
    };

    public static Hit ToHit(VectorSearchResult result)
    {
        VectorStoreRecord record = result.Record;
        return new Hit(
            BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(record.Key))) & long.MaxValue,
            record.Keyword("source")!, record.Keyword("title") ?? "", record.Number("page") is { } page ? (int)page : null, record.Keyword("heading") ?? "",
            (int)record.Number("first")!.Value, (int)record.Number("last")!.Value, result.Score, record.Text[(int)record.Number("body")!.Value..],
            record.Keyword("chunk_hash")!, record.Keyword("document_hash")!);
    }

    /// <summary>An embedder's name in the letters of a collection. Where that would make two names alike, or too long, a hash of the whole name tells them apart.</summary>
    private static string NameOf(string embedder)
    {
        string name = string.Concat(embedder.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_'));
        bool isPlain = embedder.Length <= LongestName && embedder.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        return isPlain ? name : $"{(name.Length > LongestName ? name[..LongestName] : name)}_{Short(embedder)[..8]}";
    }

    private static VectorStoreRecord Record(SqliteDataReader row, string key)
    {
        (string title, string heading, string text, string context) = (row.GetString(2), row.GetString(6), row.GetString(10), row.GetString(11));
        string head = string.Concat(new[] { title, heading, context }.Where(part => part.Length > 0).Select(part => part + '\n'));
        var metadata = JsonSerializer.Deserialize<SortedDictionary<string, string>>(row.GetString(3))!;
        var data = new Dictionary<string, object>
        {
            ["source"] = row.GetString(0), ["kind"] = row.GetString(1), ["title"] = title, ["heading"] = heading,
            [Tags] = metadata.Select(pair => $"{pair.Key}={pair.Value}").ToArray(),
            ["first"] = row.GetInt32(7), ["last"] = row.GetInt32(8), ["body"] = head.Length,
            ["chunk_hash"] = Hex(row, 9), ["document_hash"] = Hex(row, 4),
        };
        if (!row.IsDBNull(5)) data["page"] = row.GetInt32(5);
        data[Stamp] = Short(JsonSerializer.Serialize(data.OrderBy(pair => pair.Key, StringComparer.Ordinal)) + context);
        return new VectorStoreRecord { Key = key, Text = head + text, Data = data };
    }

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));

    private static string Hex(SqliteDataReader row, int column) => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(column));
}
