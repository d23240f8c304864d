using System.Net.Sockets;
using AgentKit.Kernel.Errors;
using AgentKit.Server.Http;
using AgentKit.Tools.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentKit.Server;

/// <summary>
/// An MCP server at an address of this machine. It listens for clients of this machine only, unless they have to sign in.
/// </summary>
public sealed class McpHttpServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private McpHttpServer(WebApplication app, Uri url) => (_app, Url) = (app, url);

    /// <summary>Where clients find it, path and the port it really has included.</summary>
    public Uri Url { get; }

    /// <summary>Starts serving.</summary>
    /// <param name="server">What is served.</param>
    /// <param name="url">Scheme, host and port; port 0 takes a free one.</param>
    /// <param name="options">Who may reach it; defaults when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="UserInputException">
    /// The address is not one to listen on, or is taken, or can be reached from elsewhere and nobody has to sign in.
    /// </exception>
    public static async Task<McpHttpServer> StartAsync(
        McpToolServer server, Uri url, McpHttpOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(url);
        options ??= new McpHttpOptions();
        Check(url, options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(options.Loggers);
        builder.WebHost.UseUrls(url.GetLeftPart(UriPartial.Authority));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        WebApplication app = builder.Build();
        app.MapAgentKitMcp(server, options, url.Host);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new UserInputException("url", $"The address {url} cannot be listened on: {e.Message}", e);
        }

        string bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new McpHttpServer(app, new Uri(new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal)), options.Path));
    }

    /// <summary>Lets requests in work end, for five seconds at most, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Check(Uri url, McpHttpOptions options)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not "http" || url.PathAndQuery is not ("/" or ""))
        {
            throw new UserInputException(
                "url",
                $"The address is '{url}'; http://HOST:PORT is expected. For https put a proxy in front of it, or MapAgentKitMcp into a web application of your own.");
        }

        if (!HostGuard.IsLoopback(url.Host) && !options.HasSignIn)
        {
            throw new UserInputException(
                "url", $"The address {url} can be reached from other machines; a bearer token is needed, or an address of this machine such as http://127.0.0.1:{url.Port}.");
        }
    }
}
