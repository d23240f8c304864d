namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model pull --json</c>.</summary>
internal sealed record PullJson(string Model, string Repository, string Hub, IReadOnlyList<PullJson.File> Files, double Seconds)
{
    /// <summary>A file that is on the disk now; <paramref name="Verified"/> is false when the hub names no SHA-256.</summary>
    internal sealed record File(string Path, long Bytes, string Sha256, bool Verified, long ResumedFrom, bool AlreadyThere);
}
