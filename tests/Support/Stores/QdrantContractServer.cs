using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Tests.Support;

/// <summary>
/// A Qdrant that does what its contract says, in memory: every request and every reply is held to the OpenAPI document where that is at hand. As in
/// Qdrant's strict mode, a filter on a field without a payload index is refused.
/// </summary>
internal sealed class QdrantContractServer : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, QdrantContractCollection> _collections = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>The published contract, <c>null</c> where the test data are not.</summary>
    public static OpenApiContract? Contract { get; } =
        TestData.Folder("qdrant", "openapi.json") is { } folder ? OpenApiContract.Load(Path.Combine(folder, "openapi.json")) : null;

    /// <summary>What it says its version is.</summary>
    public string Version { get; init; } = "1.19.0";

    /// <summary>Requests that were answered, as method and path.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.AbsolutePath;
        Requests.Enqueue($"{request.Method} {path}");
        JsonElement? body = request.Content is null ? null : JsonElement.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        JsonElement? operation = Contract?.Request(request.Method, path, request.RequestUri.Query, body);
        (int status, JsonNode reply) = Answer(request.Method, path, body);
        if (operation is { } known) Contract!.Reply(known, request.Method, path, status, JsonElement.Parse(reply.ToJsonString()));
        return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(reply.ToJsonString(), Encoding.UTF8, "application/json") };
    }

    private (int Status, JsonNode Reply) Answer(HttpMethod method, string path, JsonElement? body)
    {
        lock (_gate)
        {
            if (path == "/") return (200, new JsonObject { ["title"] = "qdrant - vector search engine", ["version"] = Version });
            string[] parts = path.Trim('/').Split('/', 3);
            string what = $"{method} {(parts.Length > 2 ? parts[2] : "")}".Trim();
            if (parts.Length == 1) return Ok(new JsonObject { ["collections"] = new JsonArray([.. _collections.Keys.Select(Named)]) });
            if (what == "GET exists") return Ok(new JsonObject { ["exists"] = _collections.ContainsKey(parts[1]) });
            if (what == "PUT")
                return _collections.TryAdd(parts[1], new QdrantContractCollection(body!.Value)) ? Ok(true) : Error(409, $"Collection `{parts[1]}` already exists!");
            if (what == "DELETE") return Ok(_collections.TryRemove(parts[1], out _));
            if (!_collections.TryGetValue(parts[1], out QdrantContractCollection? collection))
                return Error(404, $"Not found: Collection `{parts[1]}` doesn't exist!");
            try
            {
                return Ok(what switch
                {
                    "GET" => collection.Info(),
                    "PUT index" => collection.Index(body!.Value),
                    "PUT points" => collection.Put(body!.Value),
                    "POST points" => collection.Get(body!.Value),
                    "POST points/delete" => collection.Delete(body!.Value),
                    "POST points/scroll" => collection.Scroll(body!.Value),
                    "POST points/count" => collection.Count(body!.Value),
                    "POST points/query" => collection.Query(body!.Value),
                    _ => throw new InvalidDataException($"{what} is not served here."),
                });
            }
            catch (ArgumentException e)
            {
                return Error(400, e.Message);
            }
        }
    }

    private static JsonNode Named(string name) => new JsonObject { ["name"] = name };

    private static (int, JsonNode) Ok(JsonNode result) => (200, new JsonObject { ["result"] = result, ["status"] = "ok", ["time"] = 0.001 });

    private static (int, JsonNode) Error(int status, string message) =>
        (status, new JsonObject { ["status"] = new JsonObject { ["error"] = message }, ["time"] = 0.001 });
}
