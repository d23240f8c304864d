namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model list --json</c>.</summary>
internal sealed record ModelListJson(IReadOnlyList<ModelListJson.Model> Models)
{
    /// <summary>One model; bytes of all its files. Without architecture it is not a readable GGUF file.</summary>
    internal sealed record Model(string Name, string Path, long Bytes, string? Quantization, string? Architecture);
}
