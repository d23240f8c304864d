namespace AgentKit.Models.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Path in the repository.</param>
/// <param name="Bytes">Size; null when the hub does not say.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal; null when the hub does not say.</param>
public sealed record HubFile(string Path, long? Bytes, string? Sha256)
{
    /// <summary>The name it gets here.</summary>
    /// <value>Default: the path's last part.</value>
    public string Name
    {
        get => field ?? Path[(Path.LastIndexOf('/') + 1)..];
        init;
    }
}
