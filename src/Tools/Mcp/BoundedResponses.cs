namespace AgentKit.Tools.Mcp;

/// <summary>Answers of a server over HTTP, held to the same bound as those over a stream: see <see cref="BoundedLines"/>.</summary>
internal sealed class BoundedResponses(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>A client for one server. It follows no redirect: a server must not send our token to another address.</summary>
    public static HttpClient CreateClient() => new(new BoundedResponses(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    }))
    {
        // Calls have a limit of their own, and a stream of events stays open.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        bool hasEvents = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var content = new StreamContent(new BoundedLines(body, end: hasEvents ? BoundedLines.End.EmptyLine : BoundedLines.End.Stream));
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers) content.Headers.TryAddWithoutValidation(name, values);
        response.Content = content;
        return response;
    }
}
