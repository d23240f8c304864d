namespace AgentKit.Models.Hub;

/// <summary>A model file that is on the disk now.</summary>
/// <param name="Path">Where.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal.</param>
/// <param name="Verified">Whether the hub named the same SHA-256; false when it names none.</param>
/// <param name="ResumedFrom">Bytes that an earlier pull had brought.</param>
/// <param name="AlreadyThere">Whether nothing had to be downloaded.</param>
public sealed record PulledFile(string Path, long Bytes, string Sha256, bool Verified, long ResumedFrom, bool AlreadyThere);
