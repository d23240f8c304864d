using System.Net;
using Microsoft.AspNetCore.Http;

namespace AgentKit.Server.Http;

/// <summary>
/// Refuses requests that a web page of another site has a browser send: those that name another host (DNS rebinding) and those that come
/// from a foreign origin.
/// </summary>
internal sealed class HostGuard(McpHttpOptions options, IEnumerable<string> ownHosts)
{
    private readonly HashSet<string> _hosts =
        new([.. ownHosts.Where(host => host is not ("0.0.0.0" or "[::]" or "*" or "+")), .. options.AllowedHosts], StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _origins = new(options.AllowedOrigins.Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a request is refused.</summary>
    /// <returns><c>null</c> when it may pass.</returns>
    public string? Fault(HttpRequest request)
    {
        string host = request.Host.Host;
        if (!IsLoopback(host) && !_hosts.Contains(host)) return $"this server is not called '{host}'";
        if (request.Headers.Origin is not { Count: > 0 } origins) return null;
        return origins.Count == 1 && IsAllowed(origins[0] ?? "") ? null : $"pages of '{origins}' may not use this server";
    }

    /// <summary>Whether a name or address can only mean this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private bool IsAllowed(string origin) =>
        _origins.Contains(origin.TrimEnd('/'))
        || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && IsLoopback(uri.Host));
}
