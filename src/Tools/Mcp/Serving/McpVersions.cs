namespace AgentKit.Tools.Mcp.Serving;

/// <summary>Revisions of the protocol, oldest first. Dates compare as text.</summary>
internal static class McpVersions
{
    /// <summary>The first without a handshake and sessions.</summary>
    public const string Modern = "2026-07-28";

    /// <summary>Revisions that begin with a handshake.</summary>
    public static readonly string[] WithHandshake = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    public static bool IsModern(string version) => string.CompareOrdinal(version, Modern) >= 0;
}
