using System.Globalization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.BuiltIn.Network;

/// <summary>A list of hosts that may be asked.</summary>
internal sealed class AllowedHosts
{
    private readonly List<Entry> _entries = [];

    /// <exception cref="UserInputException">An entry is malformed.</exception>
    public AllowedHosts(IEnumerable<string> entries)
    {
        foreach (string entry in entries) _entries.Add(Parse(entry));
    }

    private sealed record Entry(string Scheme, string Host, int Port)
    {
        public bool Covers(Uri url)
        {
            string host = url.IdnHost.TrimEnd('.');
            if (url.Scheme != Scheme || url.Port != Port) return false;
            if (Host == "*") return true;
            return Host.StartsWith("*.", StringComparison.Ordinal)
                ? host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase) && host.Length > Host.Length - 1
                : host.Equals(Host, StringComparison.OrdinalIgnoreCase);
        }

        public override string ToString() => (Scheme == "http" ? "http://" : "") + Host + (Port is 80 or 443 ? "" : $":{Port.ToString(CultureInfo.InvariantCulture)}");
    }

    public bool Covers(Uri url) => _entries.Any(entry => entry.Covers(url));

    public override string ToString() => string.Join(", ", _entries);

    private static Entry Parse(string text)
    {
        string rest = text.Trim();
        string scheme = "https";
        int cut = rest.IndexOf("://", StringComparison.Ordinal);
        if (cut >= 0) (scheme, rest) = (rest[..cut].ToLowerInvariant(), rest[(cut + 3)..]);
        int port = scheme == "http" ? 80 : 443;
        int colon = rest.LastIndexOf(':');
        if (colon > 0 && int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given is > 0 and < 65536)
            (port, rest) = (given, rest[..colon]);
        string host = rest.TrimEnd('/', '.').ToLowerInvariant();
        bool isHost = host == "*" || Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is UriHostNameType.Dns or UriHostNameType.IPv4;
        if (scheme is not ("http" or "https") || !isHost)
            throw new UserInputException("hosts", $"'{text}' is not a host that can be allowed: docs.example.com, *.example.com, * or http://host:port is expected.");
        return new Entry(scheme, host, port);
    }
}
