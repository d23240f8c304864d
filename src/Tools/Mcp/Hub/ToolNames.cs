using System.Security.Cryptography;
using System.Text;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>Names for the tools of several servers that every model interface takes: 1 to 64 of letters, digits, _ and -.</summary>
internal sealed class ToolNames
{
    private const int Longest = 64;
    private const int HashLength = 8;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a name as it is.</summary>
    /// <returns><c>false</c> when it is taken.</returns>
    public bool Reserve(string name) => _taken.Add(name);

    /// <summary>The server's name, an underscore and the tool's; made fit and made different from those before.</summary>
    public string Prefixed(string server, string tool)
    {
        string whole = $"{server}_{string.Concat(tool.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'))}";
        string name = whole.Length <= Longest ? whole : Hashed(whole, tool);
        if (_taken.Add(name)) return name;
        string other = Hashed(whole, tool);
        _taken.Add(other);
        return other;
    }

    /// <summary>Cut names and names with other characters could be equal; a part of the hash of the server's own name keeps them apart.</summary>
    private static string Hashed(string name, string tool)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)))[..HashLength];
        return $"{name[..Math.Min(name.Length, Longest - HashLength - 1)]}_{hash}";
    }
}
