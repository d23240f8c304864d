using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Hub;

/// <summary>
/// Requests to one hub. Redirects are followed here so that the token stays with the hub, and so that what the hub says of a file (its hash) is
/// not lost when the file itself comes from elsewhere.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MostRedirects = 10;

    private readonly HttpClient _client;
    private readonly HubOptions _options;

    public HubHttp(HubOptions options)
    {
        _options = options;
        _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = options.Patience, AutomaticDecompression = DecompressionMethods.None })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        string version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0";
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("agentkit", version));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Address of something on the hub; every part of the path is escaped.</summary>
    public Uri Address(string path, string query = "") =>
        new(_options.Address, string.Join('/', path.Split('/').Select(Uri.EscapeDataString)) + query);

    /// <summary>Sends a GET and follows redirects. The answer's status is not judged.</summary>
    /// <exception cref="HttpRequestException">No answer.</exception>
    public async Task<HubAnswer> GetAsync(Uri address, Action<HttpRequestMessage>? prepare, CancellationToken stop)
    {
        string? linkedTag = null;
        long? linkedSize = null;
        for (int hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            prepare?.Invoke(request);
            if (MaySendToken(address)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
            HttpResponseMessage response = await SendAsync(request, stop).ConfigureAwait(false);
            linkedTag ??= Header(response, "X-Linked-Etag");
            linkedSize ??= long.TryParse(Header(response, "X-Linked-Size"), out long size) ? size : null;
            if ((int)response.StatusCode is < 300 or >= 400 || response.StatusCode == HttpStatusCode.NotModified || response.Headers.Location is not { } next)
                return new(response, address, linkedTag, linkedSize);
            response.Dispose();
            next = new Uri(address, next);
            if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http" && !next.IsLoopback))
                throw new HubException($"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not followed: it is less safe than the address it came from.");
            address = next;
        }

        throw new HubException($"{address.Host} redirects more than {MostRedirects} times; check the hub's address ({_options.Address}).");
    }

    /// <summary>What a status that ends the matter means for the user; null when the request is worth repeating or succeeded.</summary>
    public Exception? Refusal(HttpStatusCode status, string repository, string what) => status switch
    {
        HttpStatusCode.NotFound => new UserInputException(
            "REPO", $"REPO: {_options.Address.Host} has no {what}. A private repository needs a token in HF_TOKEN{(HasToken ? " that may read it" : "")}."),
        HttpStatusCode.Unauthorized => new UserInputException(
            "REPO", HasToken
                ? $"REPO: {_options.Address.Host} refuses the token in HF_TOKEN for {repository} (401), or there is no such repository."
                : $"REPO: {_options.Address.Host} wants a token for {repository} (401), or there is no such repository. Set HF_TOKEN to an access token."),
        HttpStatusCode.Forbidden => new UserInputException(
            "REPO", $"REPO: {_options.Address.Host} does not allow {repository} (403). Accept its terms at {new Uri(_options.Address, repository)}"
            + (HasToken ? " with the account of HF_TOKEN." : " and set HF_TOKEN to an access token of that account.")),
        >= HttpStatusCode.BadRequest when status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            or HttpStatusCode.RequestedRangeNotSatisfiable or >= HttpStatusCode.InternalServerError) =>
            new HubException($"{_options.Address.Host} answers {(int)status} for {what}."),
        _ => null,
    };

    private bool HasToken => !string.IsNullOrEmpty(_options.Token);

    private bool MaySendToken(Uri address) =>
        HasToken && address.Authority == _options.Address.Authority && address.Scheme == _options.Address.Scheme
        && (address.Scheme == "https" || address.IsLoopback);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(_options.Patience);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"{request.RequestUri!.Host} did not answer within {_options.Patience.TotalSeconds:0} seconds", e);
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First().Trim() : null;
}
