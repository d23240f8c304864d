using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Bench;

/// <summary>Models with random weights, made once per machine and kept in the temporary folder.</summary>
internal static class BenchModel
{
    private const int Width = 256;

    /// <summary>About ten million weights beside the vocabulary matrices; decoding is bound by memory and the output matrix, as in real small models; so are heads of 64 elements.</summary>
    public static string Create(int vocabulary, GgmlType type = GgmlType.F16, int headLength = 64)
    {
        TestModelShape shape = new()
        {
            Vocabulary = vocabulary,
            Layers = 4,
            Embedding = Width,
            Heads = Width / headLength,
            KvHeads = Math.Max(1, Width / headLength / 2),
            FeedForward = 768,
            ContextLength = 4096,
            Type = type,
        };
        string path = Path.Combine(Path.GetTempPath(), $"agentkit-bench-{vocabulary}-{type}-{headLength}.gguf");
        if (!File.Exists(path))
        {
            TestModel.Create(path + ".new", shape);
            File.Move(path + ".new", path, overwrite: true);
        }

        return path;
    }
}
