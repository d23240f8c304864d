using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;

namespace AgentKit.Tools.BuiltIn.Network;

/// <summary>
/// Gets a text from an allowed host. The connection goes to an address that was looked at itself: a name that resolves to this machine or
/// its network is refused, at every redirect anew, and no second lookup can give another address.
/// </summary>
internal sealed class FetchTool : BuiltInTool, IDisposable
{
    private const int MostRedirects = 5;

    private readonly AllowedHosts _hosts;
    private readonly FetchOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public FetchTool(FetchOptions options, TimeProvider time)
        : this(options, time, Dns.GetHostAddressesAsync, ConnectAsync)
    {
    }

    /// <param name="options">What may be reached.</param>
    /// <param name="time">The clock of the time limit.</param>
    /// <param name="resolve">Looks a name up.</param>
    /// <param name="connect">Connects to one of the addresses found.</param>
    internal FetchTool(
        FetchOptions options,
        TimeProvider time,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        Func<IReadOnlyList<IPAddress>, int, CancellationToken, ValueTask<Stream>> connect)
        : base("fetch", "Get a web page or file as text.", "url", new ToolContract(ToolReplay.Idempotent, SideEffect.NetworkRead))
    {
        (_hosts, _options, _time) = (new AllowedHosts(options.AllowedHosts), options, time);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // A proxy would look the name up itself, after we have judged it.
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellation) =>
            {
                string host = context.DnsEndPoint.Host;
                IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await resolve(host, cancellation);
                if (addresses.Length == 0 || !addresses.All(PublicAddress.Is))
                    throw new ToolException($"'{host}' is not a host of the public internet");
                return await connect(addresses, context.DnsEndPoint.Port, cancellation);
            },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("agentkit");
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/*, application/json, application/xml, */*;q=0.5");
    }

    public void Dispose() => _client.Dispose();

    protected override async ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            Uri url = Check(argument);
            for (int hops = 0; ; hops++)
            {
                using HttpResponseMessage response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if (!IsRedirect(response.StatusCode) || response.Headers.Location is not { } location) return await ReadAsync(url, response, either.Token);
                if (hops == MostRedirects) throw new ToolException($"'{argument}' was redirected more than {MostRedirects} times");
                url = Check(new Uri(url, location).AbsoluteUri);
            }
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ToolException($"'{argument}' did not answer within {_options.Timeout.TotalSeconds:0.#} seconds", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw e.InnerException as ToolException ?? new ToolException($"'{argument}' cannot be reached", e);
        }
    }

    /// <exception cref="ToolException">The address is malformed or not allowed.</exception>
    private Uri Check(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
            throw new ToolException($"'{text}' is not an address; https://host/path is expected");
        if (url.UserInfo.Length > 0) throw new ToolException("an address with a user name or password is not allowed");
        return _hosts.Covers(url) ? url : throw new ToolException($"'{url.Scheme}://{url.Authority}' is not allowed; allowed are: {_hosts}");
    }

    private async Task<string> ReadAsync(Uri url, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode) throw new ToolException($"'{url}' answered {(int)response.StatusCode} {response.ReasonPhrase}");
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] bytes = new byte[_options.MaxBytes + 1];
        int count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        int kept = Math.Min(count, _options.MaxBytes);
        if (bytes.AsSpan(0, kept).Contains((byte)0))
            throw new ToolException($"'{url}' is not text ({response.Content.Headers.ContentType?.MediaType ?? "unknown type"})");
        string text = EncodingOf(response).GetString(bytes, 0, kept);
        return count > kept ? $"{text}\n[the first {kept} bytes; more are left out]" : text;
    }

    private static Encoding EncodingOf(HttpResponseMessage response)
    {
        try
        {
            return response.Content.Headers.ContentType?.CharSet is { Length: > 0 } name ? Encoding.GetEncoding(name.Trim('"')) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static async ValueTask<Stream> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
