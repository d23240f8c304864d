using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores.Qdrant;

internal sealed class QdrantCollection(QdrantClient client, VectorStoreCollectionDefinition definition) : VectorStoreCollection(definition)
{
    private const int PageSize = 256;
    private const int MostCharactersAtOnce = 4 * 1024 * 1024;
    private const int Links = 16;
    private const string Shape = "agentkit_shape";

    private static readonly Version LeastVersion = new(1, 10, 0);

    private readonly string _path = $"/collections/{QdrantVectorStore.Prefix}{definition.Name}";

    public override async Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        (await SendAsync(HttpMethod.Get, "/exists", null, "look up", cancellationToken).ConfigureAwait(false)).GetProperty("exists").GetBoolean();

    public override async Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        await CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        if (!await CollectionExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            // Graphs of the scopes instead of one of all: every search names its scope.
            await SendAsync(HttpMethod.Put, "", new
            {
                vectors = Definition.Dimensions > 0
                    ? new Dictionary<string, object> { [QdrantPoint.Dense] = new { size = Definition.Dimensions, distance = "Dot" } }
                    : [],
                sparse_vectors = new Dictionary<string, object> { [QdrantPoint.Sparse] = new { } },
                hnsw_config = new { m = 0, payload_m = Links },
                metadata = new Dictionary<string, object> { [Shape] = Definition.Shape },
            }, "create", cancellationToken).ConfigureAwait(false);
        }

        // Also where it exists: whoever made it may have been stopped before this.
        await IndexAsync(QdrantFilter.ScopeKey, new { type = "keyword", is_tenant = true }, cancellationToken).ConfigureAwait(false);
        await IndexAsync(QdrantFilter.TermsKey, new { type = "keyword" }, cancellationToken).ConfigureAwait(false);
        foreach (VectorStoreField field in Definition.Fields.Where(field => field.IsIndexed))
        {
            object schema = field.Type is VectorStoreFieldType.Number ? new { type = "float" } : new { type = "keyword", prefix = true };
            await IndexAsync(QdrantFilter.Key(field.Name), schema, cancellationToken).ConfigureAwait(false);
        }

        if (await StoredShapeAsync(cancellationToken).ConfigureAwait(false) is { } shape) Definition.CheckShape(shape);
    }

    internal override async Task<string?> StoredShapeAsync(CancellationToken cancellationToken)
    {
        JsonElement info = await SendAsync(HttpMethod.Get, "", null, "look up", cancellationToken).ConfigureAwait(false);
        return info.GetProperty("config").TryGetProperty("metadata", out JsonElement notes) && notes.ValueKind is JsonValueKind.Object
            && notes.TryGetProperty(Shape, out JsonElement shape) ? shape.GetString() : null;
    }

    public override async Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        await client.TryAsync(HttpMethod.Delete, _path, null, Name, "delete", cancellationToken).ConfigureAwait(false);

    private protected override async Task WriteAsync(MemoryScope scope, IReadOnlyList<VectorStoreRecord> records, CancellationToken cancellationToken)
    {
        var points = new List<object>();
        int characters = 0;
        foreach (VectorStoreRecord record in records)
        {
            if (points.Count > 0 && (points.Count == PageSize || characters + record.Text.Length > MostCharactersAtOnce))
            {
                await PutAsync(points, cancellationToken).ConfigureAwait(false);
                (points, characters) = ([], 0);
            }

            points.Add(QdrantPoint.Write(scope, record));
            characters += record.Text.Length;
        }

        await PutAsync(points, cancellationToken).ConfigureAwait(false);
    }

    private protected override async Task<IReadOnlyList<VectorStoreRecord>> ReadAsync(
        MemoryScope scope, IReadOnlyList<string> keys, bool vectors, CancellationToken cancellationToken)
    {
        var records = new List<VectorStoreRecord>();
        foreach (string[] some in keys.Chunk(PageSize))
        {
            var body = new { ids = some.Select(key => QdrantPoint.Id(scope, key)), with_payload = true, with_vector = With(vectors) };
            JsonElement points = await SendAsync(HttpMethod.Post, "/points", body, "get", cancellationToken).ConfigureAwait(false);
            records.AddRange(points.EnumerateArray().Where(point => IsOf(scope, point)).Select(point => QdrantPoint.Read(Definition, point)));
        }

        return records;
    }

    private protected override async IAsyncEnumerable<VectorStoreRecord> EnumerateAsync(
        MemoryScope scope, MetadataFilter? filter, bool vectors, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonElement? next = null;
        do
        {
            var body = new Dictionary<string, object>
            {
                ["limit"] = PageSize, ["filter"] = QdrantFilter.In(scope, filter), ["with_payload"] = true, ["with_vector"] = With(vectors),
            };
            if (next is { } offset) body["offset"] = offset;
            JsonElement page = await SendAsync(HttpMethod.Post, "/points/scroll", body, "list", cancellationToken).ConfigureAwait(false);
            foreach (JsonElement point in page.GetProperty("points").EnumerateArray()) yield return QdrantPoint.Read(Definition, point);
            next = page.TryGetProperty("next_page_offset", out JsonElement id) && id.ValueKind is not JsonValueKind.Null ? id : null;
        }
        while (next is not null);
    }

    private protected override Task<long> CountMatchesAsync(MemoryScope scope, MetadataFilter? filter, CancellationToken cancellationToken) =>
        CountAsync(QdrantFilter.In(scope, filter), cancellationToken);

    private protected override async Task RemoveAsync(MemoryScope scope, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (string[] some in keys.Chunk(PageSize))
        {
            var body = new { points = some.Select(key => QdrantPoint.Id(scope, key)) };
            await SendAsync(HttpMethod.Post, "/points/delete?wait=true", body, "delete", cancellationToken).ConfigureAwait(false);
        }
    }

    private protected override Task RemoveAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/points/delete?wait=true", new { filter = QdrantFilter.In(scope, filter) }, "delete", cancellationToken);

    private protected override async Task<IReadOnlyList<VectorSearchResult>> NearestAsync(
        MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        Dictionary<string, object> query = Query(scope, vector, QdrantPoint.Dense, top, filter, vectors);
        IReadOnlyList<VectorSearchResult> found = await QueryAsync(query, cancellationToken).ConfigureAwait(false);
        if (found.Count == top) return found;
        // Fewer match than are wanted, or the graph gave up too early: certainly, without it.
        query["params"] = new { exact = true };
        return await QueryAsync(query, cancellationToken).ConfigureAwait(false);
    }

    private protected override async Task<IReadOnlyList<VectorSearchResult>> MatchingAsync(
        MemoryScope scope, IReadOnlyList<string> terms, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        long records = await CountAsync(QdrantFilter.In(scope), cancellationToken).ConfigureAwait(false);
        long[] matches = await Task.WhenAll(terms.Select(term =>
            CountAsync(QdrantFilter.In(scope, also: QdrantFilter.Match(QdrantFilter.TermsKey, "value", term)), cancellationToken))).ConfigureAwait(false);
        KeyValuePair<string, double>[] weights =
        [
            .. terms.Zip(matches).Where(term => term.Second > 0).Select(term => KeyValuePair.Create(term.First, Bm25.Weight(records, term.Second))),
        ];
        if (weights.Length == 0) return [];
        return await QueryAsync(Query(scope, QdrantPoint.SparseVector(weights), QdrantPoint.Sparse, top, filter, vectors), cancellationToken)
            .ConfigureAwait(false);
    }

    private static object With(bool vectors) => vectors ? new[] { QdrantPoint.Dense } : false;

    private static bool IsOf(MemoryScope scope, JsonElement point) =>
        point.GetProperty("payload").GetProperty(QdrantFilter.ScopeKey).GetString() == scope.ToKey();

    private static Dictionary<string, object> Query(MemoryScope scope, object query, string vector, int top, MetadataFilter? filter, bool vectors) => new()
    {
        ["query"] = query, ["using"] = vector, ["limit"] = top, ["filter"] = QdrantFilter.In(scope, filter), ["with_payload"] = true,
        ["with_vector"] = With(vectors),
    };

    private async Task<IReadOnlyList<VectorSearchResult>> QueryAsync(Dictionary<string, object> query, CancellationToken cancellationToken)
    {
        JsonElement result = await SendAsync(HttpMethod.Post, "/points/query", query, "search", cancellationToken).ConfigureAwait(false);
        return
        [
            .. result.GetProperty("points").EnumerateArray()
                .Select(point => new VectorSearchResult(QdrantPoint.Read(Definition, point), point.GetProperty("score").GetDouble()))
                .OrderByDescending(one => one.Score).ThenBy(one => one.Record.Key, StringComparer.Ordinal),
        ];
    }

    private async Task<long> CountAsync(Dictionary<string, object> filter, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Post, "/points/count", new { filter, exact = true }, "count", cancellationToken).ConfigureAwait(false))
            .GetProperty("count").GetInt64();

    private Task PutAsync(List<object> points, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, "/points?wait=true", new { points }, "upsert", cancellationToken);

    private Task IndexAsync(string field, object schema, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, "/index?wait=true", new { field_name = field, field_schema = schema }, "create", cancellationToken);

    private async Task CheckVersionAsync(CancellationToken cancellationToken)
    {
        JsonElement? reply = await client.TryAsync(HttpMethod.Get, "/", null, Name, "look up", cancellationToken).ConfigureAwait(false);
        string? text = reply is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty("version", out JsonElement version) ? version.GetString() : null;
        if (text is null || !Version.TryParse(text.Split('-')[0], out Version? parsed) || parsed < LeastVersion)
            throw new UserInputException("store", $"The server says it is version '{text}'; Qdrant {LeastVersion} or newer is needed.");
    }

    private Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, string operation, CancellationToken cancellationToken) =>
        client.SendAsync(method, _path + path, body, Name, operation, cancellationToken);
}
