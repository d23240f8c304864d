using AgentKit.Server.Http;
using AgentKit.Tools.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentKit.Server;

/// <summary>MCP as an endpoint of a web application.</summary>
public static class McpEndpointExtensions
{
    /// <summary>
    /// Serves MCP at <see cref="McpHttpOptions.Path"/>. Where the application can be reached from elsewhere, set
    /// <see cref="McpHttpOptions.BearerToken"/> or <see cref="McpHttpOptions.OAuth"/>, and the names it is called by.
    /// </summary>
    /// <param name="routes">The application.</param>
    /// <param name="server">What is served.</param>
    /// <param name="options">Who may reach it; defaults when <c>null</c>.</param>
    /// <param name="ownHosts">Names by which the application is called; loopback names always work.</param>
    public static IEndpointConventionBuilder MapAgentKitMcp(
        this IEndpointRouteBuilder routes, McpToolServer server, McpHttpOptions? options = null, params string[] ownHosts)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(server);
        options ??= new McpHttpOptions();
        var endpoint = new McpEndpoint(server, options, ownHosts);
        var lifetime = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        // Streams that are open would hold the host's stop up.
        lifetime.ApplicationStopping.Register(() => _ = endpoint.DisposeAsync().AsTask());
        if (options.OAuth is not null)
        {
            // Behind a proxy the resource may have another path than here.
            string[] paths = ["", options.Path, options.OAuth.Resource.AbsolutePath.TrimEnd('/')];
            foreach (string path in paths.Distinct()) routes.MapGet(ResourceMetadata.WellKnown + path, (RequestDelegate)endpoint.DescribeAsync);
        }

        return routes.Map(options.Path, (RequestDelegate)endpoint.HandleAsync);
    }
}
