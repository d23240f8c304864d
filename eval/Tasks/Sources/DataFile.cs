namespace AgentKit.Eval.Tasks.Sources;

/// <summary>A file of a published data set.</summary>
/// <param name="File">Where it belongs below the dataset directory.</param>
/// <param name="Path">Where it lies in its repository.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal.</param>
public sealed record DataFile(string File, string Path, long Bytes, string Sha256);
