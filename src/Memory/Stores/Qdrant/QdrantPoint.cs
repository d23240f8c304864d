using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Memory.Stores.Sqlite;

namespace AgentKit.Memory.Stores.Qdrant;

/// <summary>A record as a point: <c>docs/formats.md</c> describes it.</summary>
internal static class QdrantPoint
{
    public const string Dense = "dense";
    public const string Sparse = "terms";

    /// <summary>
    /// Length that a record is taken to have on average, in terms: a store that computes scores from sparse vectors needs the weight of an
    /// occurrence when it is written, before the other records are known.
    /// </summary>
    private const double AssumedMeanLength = 128;

    private static readonly Guid Namespace = new("8f3c9a52-6d0e-5b1a-9c77-2f4be1d05a36");

    /// <summary>The id of a record: UUID version 5 (RFC 9562, section 5.5) of scope and key, since Qdrant takes no other texts.</summary>
    public static Guid Id(MemoryScope scope, string key)
    {
        byte[] name = Encoding.UTF8.GetBytes($"{scope.ToKey()}\n{key}");
        byte[] hashed = [.. Namespace.ToByteArray(bigEndian: true), .. name];
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(hashed, hash);
        Span<byte> id = hash[..16];
        id[6] = (byte)((id[6] & 0x0F) | 0x50);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>The place of a term in sparse vectors: 32 bits of FNV-1a. Two terms that share one count as one.</summary>
    public static uint Index(string term)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(term)) hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <summary>Weights by term as a sparse vector.</summary>
    public static Dictionary<string, object> SparseVector(IEnumerable<KeyValuePair<string, double>> weights)
    {
        var byIndex = new SortedDictionary<uint, float>();
        foreach ((string term, double weight) in weights) byIndex[Index(term)] = byIndex.GetValueOrDefault(Index(term)) + (float)weight;
        return new() { ["indices"] = byIndex.Keys.ToArray(), ["values"] = byIndex.Values.ToArray() };
    }

    public static Dictionary<string, object> Write(MemoryScope scope, VectorStoreRecord record)
    {
        TermFrequencies frequencies = TermFrequencies.Of(record.Text);
        int length = frequencies.Length;
        var vectors = new Dictionary<string, object>();
        if (record.Vector.Length > 0) vectors[Dense] = record.Vector.ToArray();
        if (length > 0)
        {
            vectors[Sparse] = SparseVector(frequencies.Counts.Select(term =>
                KeyValuePair.Create(term.Key, Bm25.Saturated(term.Value, length, AssumedMeanLength))));
        }

        var payload = new Dictionary<string, object>
        {
            [QdrantFilter.ScopeKey] = scope.ToKey(), ["key"] = record.Key, ["text"] = record.Text, [QdrantFilter.TermsKey] = frequencies.Counts.Keys,
        };
        foreach ((string field, object value) in record.Data) payload[QdrantFilter.Key(field)] = value;
        return new() { ["id"] = Id(scope, record.Key), ["vector"] = vectors, ["payload"] = payload };
    }

    public static VectorStoreRecord Read(VectorStoreCollectionDefinition definition, JsonElement point)
    {
        JsonElement payload = point.GetProperty("payload");
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (VectorStoreField field in definition.Fields)
        {
            if (payload.TryGetProperty(QdrantFilter.Key(field.Name), out JsonElement value)) data.Add(field.Name, StoreFile.Value(value));
        }

        bool hasVector = point.TryGetProperty("vector", out JsonElement vectors) && vectors.ValueKind is JsonValueKind.Object;
        return new VectorStoreRecord
        {
            Key = payload.GetProperty("key").GetString()!,
            Text = payload.GetProperty("text").GetString()!,
            Data = data,
            Vector = hasVector && vectors.TryGetProperty(Dense, out JsonElement vector) ? vector.Deserialize<float[]>() : default,
        };
    }
}
