using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Stores.Qdrant;

/// <summary>
/// Records in Qdrant, by its REST interface as of 1.19 (Query API). One collection for all scopes, with a tenant index on the scope and a payload
/// index for each field that a filter may name. Keyword search is a sparse vector; what a term is worth is counted within the scope at each search,
/// and only the mean length of records is assumed. Tested against the published contract; no server was at hand.
/// </summary>
public sealed class QdrantVectorStore : VectorStore
{
    internal const string System = "qdrant";
    internal const string Prefix = "agentkit_";

    private readonly QdrantClient _client;

    private QdrantVectorStore(QdrantClient client) => _client = client;

    /// <inheritdoc/>
    public override string SystemName => System;

    /// <summary>A store on a server; nothing is sent yet.</summary>
    /// <param name="address"><c>http://host:6333</c>.</param>
    /// <param name="apiKey">Its key, when it wants one.</param>
    /// <exception cref="UserInputException">The address is none.</exception>
    public static QdrantVectorStore Open(string address, string? apiKey = null)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            throw new UserInputException("store", "The address of the Qdrant store is no URL; http://host:6333 is expected.");
        var http = new HttpClient { BaseAddress = uri };
        if (!string.IsNullOrEmpty(apiKey)) http.DefaultRequestHeaders.Add("api-key", apiKey);
        return Open(http);
    }

    /// <summary>A store on the server of a client, which it disposes with itself.</summary>
    /// <param name="http">A client with a base address, and the key in its headers when the server wants one.</param>
    public static QdrantVectorStore Open(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return new QdrantVectorStore(new QdrantClient(http));
    }

    /// <inheritdoc/>
    public override VectorStoreCollection GetCollection(VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new QdrantCollection(_client, definition);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> ListCollectionNamesAsync(CancellationToken cancellationToken = default)
    {
        JsonElement result = await _client.SendAsync(HttpMethod.Get, "/collections", null, "*", "list", cancellationToken).ConfigureAwait(false);
        return
        [
            .. result.GetProperty("collections").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)
                .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..]).Order(StringComparer.Ordinal),
        ];
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
