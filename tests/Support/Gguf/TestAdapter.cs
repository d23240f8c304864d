using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Makes LoRA adapters with random weights for generated models.</summary>
public static class TestAdapter
{
    private const int Rank = 4;

    /// <summary>Writes an adapter for the query and down projections and returns its path. The strength is large enough to change greedy text.</summary>
    public static string Create(string path, TestModelShape shape, int seed)
    {
        Writer(shape, seed).Write(path);
        return path;
    }

    /// <summary>A writer with the whole adapter in it, for tests that change something before they write.</summary>
    public static GgufWriter Writer(TestModelShape shape, int seed)
    {
        Random random = new(seed);
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", shape.Architecture).Set("adapter.type", "lora").Set("adapter.lora.alpha", 8f);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            Pair(writer, random, $"blk.{layer}.attn_q.weight", shape.Embedding, shape.Embedding);
            Pair(writer, random, $"blk.{layer}.ffn_down.weight", shape.FeedForward, shape.Embedding);
        }

        return writer;
    }

    private static void Pair(GgufWriter writer, Random random, string name, int inputs, int outputs)
    {
        writer.Add(name + ".lora_a", GgmlType.F32, [inputs, Rank], Values(random, inputs * Rank, MathF.Sqrt(3f / inputs)));
        writer.Add(name + ".lora_b", GgmlType.F32, [Rank, outputs], Values(random, outputs * Rank, 1));
    }

    private static float[] Values(Random random, int count, float scale) =>
        [.. Enumerable.Range(0, count).Select(_ => scale * ((2 * random.NextSingle()) - 1))];
}
