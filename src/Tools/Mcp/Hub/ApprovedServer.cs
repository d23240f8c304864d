namespace AgentKit.Tools.Mcp.Hub;

/// <summary>What is remembered of a server that was approved.</summary>
public sealed record ApprovedServer
{
    /// <summary>How it was started or reached, for people to read; without variables, which may be secrets.</summary>
    public required string Launch { get; init; }

    /// <summary>A hash of its configuration; <c>null</c> where the user typed it.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>When it was approved.</summary>
    public required DateTimeOffset Approved { get; init; }

    /// <summary>The name and version it gave itself when it was last connected to.</summary>
    public string? Version { get; init; }

    /// <summary>The revision of the protocol it spoke then.</summary>
    public string? Protocol { get; init; }

    /// <summary>Its tools by name: for each the hash of its definition, and the definition as JSON.</summary>
    public required IReadOnlyDictionary<string, ApprovedTool> Tools { get; init; }
}
