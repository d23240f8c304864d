using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Tests.Support;

/// <summary>A collection of <see cref="QdrantContractServer"/>. Wrong requests are an <see cref="ArgumentException"/>.</summary>
internal sealed class QdrantContractCollection(JsonElement config)
{
    private readonly SortedDictionary<string, JsonElement> _points = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _indexes = new(StringComparer.Ordinal);

    public JsonNode Info() => new JsonObject
    {
        ["status"] = "green", ["optimizer_status"] = "ok", ["segments_count"] = 1, ["points_count"] = _points.Count,
        ["payload_schema"] = new JsonObject([.. _indexes.Select(index => KeyValuePair.Create<string, JsonNode?>(index.Key, new JsonObject
        {
            ["data_type"] = index.Value.GetProperty("type").GetString(), ["points"] = _points.Count,
        }))]),
        ["config"] = new JsonObject
        {
            ["params"] = new JsonObject { ["vectors"] = Node(config.GetProperty("vectors")) },
            ["hnsw_config"] = new JsonObject { ["m"] = 0, ["ef_construct"] = 100, ["full_scan_threshold"] = 10000 },
            ["optimizer_config"] = new JsonObject { ["default_segment_number"] = 0, ["flush_interval_sec"] = 5 },
            ["metadata"] = config.TryGetProperty("metadata", out JsonElement metadata) ? Node(metadata) : null,
        },
    };

    public JsonNode Index(JsonElement body)
    {
        _indexes[body.GetProperty("field_name").GetString()!] = body.GetProperty("field_schema");
        return Done();
    }

    public JsonNode Put(JsonElement body)
    {
        foreach (JsonElement point in body.GetProperty("points").EnumerateArray())
        {
            foreach (JsonProperty vector in point.GetProperty("vector").EnumerateObject()) CheckVector(vector);
            _points[point.GetProperty("id").GetString()!] = point;
        }

        return Done();
    }

    public JsonNode Get(JsonElement body) => new JsonArray(
    [
        .. body.GetProperty("ids").EnumerateArray().Select(id => id.GetString()!).Where(_points.ContainsKey).Select(id => Shown(_points[id], body)),
    ]);

    public JsonNode Delete(JsonElement body)
    {
        string[] gone = body.TryGetProperty("points", out JsonElement ids)
            ? [.. ids.EnumerateArray().Select(id => id.GetString()!)]
            : [.. Matching(body).Select(point => point.GetProperty("id").GetString()!)];
        foreach (string id in gone) _points.Remove(id);
        return Done();
    }

    public JsonNode Scroll(JsonElement body)
    {
        string first = body.TryGetProperty("offset", out JsonElement offset) ? offset.GetString()! : "";
        int limit = body.GetProperty("limit").GetInt32();
        JsonElement[] found = [.. Matching(body).Where(point => string.CompareOrdinal(point.GetProperty("id").GetString(), first) >= 0).Take(limit + 1)];
        return new JsonObject
        {
            ["points"] = new JsonArray([.. found.Take(limit).Select(point => Shown(point, body))]),
            ["next_page_offset"] = found.Length > limit ? found[limit].GetProperty("id").GetString() : null,
        };
    }

    public JsonNode Count(JsonElement body) => new JsonObject { ["count"] = Matching(body).Count() };

    public JsonNode Query(JsonElement body)
    {
        string name = body.GetProperty("using").GetString()!;
        JsonElement query = body.GetProperty("query");
        var scored = from point in Matching(body)
                     where point.GetProperty("vector").TryGetProperty(name, out _)
                     let score = Score(query, point.GetProperty("vector").GetProperty(name))
                     where score is not null
                     orderby score descending
                     select (Point: point, Score: score.Value);
        return new JsonObject
        {
            ["points"] = new JsonArray([.. scored.Take(body.GetProperty("limit").GetInt32()).Select(one =>
            {
                JsonObject shown = Shown(one.Point, body);
                shown["score"] = one.Score;
                shown["version"] = 1;
                return shown;
            })]),
        };
    }

    private static JsonNode? Node(JsonElement element) => JsonNode.Parse(element.GetRawText());

    private static JsonNode Done() => new JsonObject { ["operation_id"] = 1, ["status"] = "completed" };

    private static JsonObject Shown(JsonElement point, JsonElement body)
    {
        var shown = new JsonObject { ["id"] = point.GetProperty("id").GetString(), ["payload"] = Node(point.GetProperty("payload")) };
        if (body.GetProperty("with_vector") is { ValueKind: JsonValueKind.Array } names)
        {
            shown["vector"] = new JsonObject([.. names.EnumerateArray().Where(name => point.GetProperty("vector").TryGetProperty(name.GetString()!, out _))
                .Select(name => KeyValuePair.Create(name.GetString()!, Node(point.GetProperty("vector").GetProperty(name.GetString()!))))]);
        }

        return shown;
    }

    /// <summary>The dot product; none of sparse vectors that share no place.</summary>
    private static float? Score(JsonElement query, JsonElement vector)
    {
        if (query.ValueKind is JsonValueKind.Array)
            return query.EnumerateArray().Zip(vector.EnumerateArray(), (a, b) => a.GetSingle() * b.GetSingle()).Sum();
        Dictionary<uint, float> weights = Sparse(query);
        float[] shared = [.. Sparse(vector).Where(place => weights.ContainsKey(place.Key)).Select(place => place.Value * weights[place.Key])];
        return shared.Length == 0 ? null : shared.Sum();
    }

    private static Dictionary<uint, float> Sparse(JsonElement vector) => vector.GetProperty("indices").EnumerateArray().Select(one => one.GetUInt32())
        .Zip(vector.GetProperty("values").EnumerateArray().Select(one => one.GetSingle())).ToDictionary(pair => pair.First, pair => pair.Second);

    private void CheckVector(JsonProperty vector)
    {
        if (vector.Value.ValueKind is JsonValueKind.Object)
        {
            if (!config.GetProperty("sparse_vectors").TryGetProperty(vector.Name, out _)) throw new ArgumentException($"Not existing vector name {vector.Name}");
            if (Sparse(vector.Value).Count != vector.Value.GetProperty("values").GetArrayLength()) throw new ArgumentException("indices must be unique");
            return;
        }

        if (!config.GetProperty("vectors").TryGetProperty(vector.Name, out JsonElement dense)) throw new ArgumentException($"Not existing vector name {vector.Name}");
        int size = dense.GetProperty("size").GetInt32();
        if (vector.Value.GetArrayLength() != size) throw new ArgumentException($"Vector dimension error: expected dim: {size}, got {vector.Value.GetArrayLength()}");
    }

    private IEnumerable<JsonElement> Matching(JsonElement body) =>
        body.TryGetProperty("filter", out JsonElement filter) ? _points.Values.Where(point => Holds(filter, point)).ToArray() : _points.Values.ToArray();

    private bool Holds(JsonElement condition, JsonElement point)
    {
        if (condition.TryGetProperty("has_id", out JsonElement ids))
            return ids.EnumerateArray().Any(id => id.GetString() == point.GetProperty("id").GetString());
        if (condition.TryGetProperty("is_empty", out JsonElement empty)) return Values(empty.GetProperty("key").GetString()!, point).Length == 0;
        if (condition.TryGetProperty("key", out JsonElement key)) return HoldsField(condition, Values(key.GetString()!, point));
        return All("must", condition, point)
            && (!condition.TryGetProperty("must_not", out JsonElement not) || !not.EnumerateArray().Any(one => Holds(one, point)))
            && (!condition.TryGetProperty("should", out JsonElement should) || should.EnumerateArray().Any(one => Holds(one, point)));
    }

    private bool All(string name, JsonElement condition, JsonElement point) =>
        !condition.TryGetProperty(name, out JsonElement conditions) || conditions.EnumerateArray().All(one => Holds(one, point));

    private static bool HoldsField(JsonElement condition, JsonElement[] values)
    {
        if (condition.TryGetProperty("range", out JsonElement range))
        {
            return values.Any(value => (!range.TryGetProperty("gte", out JsonElement least) || value.GetDouble() >= least.GetDouble())
                && (!range.TryGetProperty("lte", out JsonElement most) || value.GetDouble() <= most.GetDouble()));
        }

        JsonElement match = condition.GetProperty("match");
        if (match.TryGetProperty("value", out JsonElement wanted)) return values.Any(value => value.GetString() == wanted.GetString());
        if (match.TryGetProperty("prefix", out JsonElement prefix))
            return values.Any(value => value.GetString()!.StartsWith(prefix.GetString()!, StringComparison.Ordinal));
        return match.GetProperty("any").EnumerateArray().Any(one => values.Any(value => value.GetString() == one.GetString()));
    }

    private JsonElement[] Values(string key, JsonElement point)
    {
        if (!_indexes.ContainsKey(key)) throw new ArgumentException($"Bad request: Index required but not found for \"{key}\"");
        return !point.GetProperty("payload").TryGetProperty(key, out JsonElement value) ? []
            : value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
    }
}
