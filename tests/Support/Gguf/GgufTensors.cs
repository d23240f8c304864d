using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>What a GGUF file holds, to be compared.</summary>
public static class GgufTensors
{
    /// <summary>The numbers of every tensor, in the file's order.</summary>
    public static float[][] Of(string path)
    {
        GgufFile file = GgufFile.Open(path);
        return [.. file.Tensors.Select(file.ReadFloats)];
    }
}
