namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model info --json</c>. Sizes in bytes; what the file does not say is left out.</summary>
internal sealed record ModelInfoJson(
    string Name,
    string File,
    string Architecture,
    long Parameters,
    long? Layers,
    long? Heads,
    long? KvHeads,
    long? ContextLength,
    long? Vocab,
    ModelInfoJson.KvBytes? KvBytesPerToken,
    string? ChatTemplate,
    string? ToolSyntax,
    string Quantization,
    long FileBytes,
    string? License,
    IReadOnlyList<ModelInfoJson.Device> Devices)
{
    /// <summary>Bytes of key/value cache for each token of context, by the type the cache is stored in.</summary>
    internal sealed record KvBytes(long F16, long? Q8_0, long? Q4_0);

    /// <summary>A device that layers could be computed on.</summary>
    internal sealed record Device(string Name, string Description, bool Gpu, long FreeBytes, long TotalBytes);
}
