using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Bench;

/// <summary>Models with random weights, made once per machine and kept in the temporary folder.</summary>
internal static class BenchModel
{
    /// <summary>About ten million weights beside the vocabulary matrices; decoding is bound by memory and the output matrix, as in real small models.</summary>
    public static string Create(int vocabulary, GgmlType type = GgmlType.F16)
    {
        TestModelShape shape = new()
        {
            Vocabulary = vocabulary,
            Layers = 4,
            Embedding = 256,
            Heads = 8,
            KvHeads = 4,
            FeedForward = 768,
            ContextLength = 4096,
            Type = type,
        };
        string path = Path.Combine(Path.GetTempPath(), $"agentkit-bench-{vocabulary}-{type}.gguf");
        if (!File.Exists(path))
        {
            TestModel.Create(path + ".new", shape);
            File.Move(path + ".new", path, overwrite: true);
        }

        return path;
    }
}
