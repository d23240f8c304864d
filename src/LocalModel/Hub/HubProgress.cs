namespace AgentKit.Models.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Done">Bytes on the disk, those of earlier attempts included.</param>
/// <param name="Total">Bytes of the whole file; 0 when not known.</param>
/// <param name="Note">Why the download waits or began again, when it does.</param>
public readonly record struct HubProgress(string File, long Done, long Total, string? Note = null);
