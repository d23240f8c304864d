using System.Net;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Stores.Qdrant;

/// <summary>Sends requests to Qdrant's REST interface and takes its answers out of their envelope.</summary>
internal sealed class QdrantClient(HttpClient http) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The result; <c>null</c> when there is no such thing (404).</returns>
    /// <exception cref="VectorStoreException">The server cannot be reached, or says no.</exception>
    public async Task<JsonElement?> TryAsync(
        HttpMethod method, string path, object? body, string collection, string operation, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = JsonContent.Create(body, options: Json);
            using HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.NotFound) return null;
            if (!response.IsSuccessStatusCode)
                throw new VectorStoreException(QdrantVectorStore.System, collection, operation, $"{(int)response.StatusCode} {Error(text)}");
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new VectorStoreException(QdrantVectorStore.System, collection, operation, $"{http.BaseAddress?.Host}: {e.Message}", e);
        }
    }

    /// <returns>The result.</returns>
    /// <exception cref="UserInputException">There is no such collection.</exception>
    /// <exception cref="VectorStoreException">The server cannot be reached, or says no.</exception>
    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, object? body, string collection, string operation, CancellationToken cancellationToken)
    {
        JsonElement reply = await TryAsync(method, path, body, collection, operation, cancellationToken).ConfigureAwait(false)
            ?? throw new UserInputException(collection, $"There is no collection {collection}; make it first.");
        return reply.GetProperty("result");
    }

    public void Dispose() => http.Dispose();

    private static string Error(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("status").GetProperty("error").GetString() ?? text;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return text;
        }
    }
}
