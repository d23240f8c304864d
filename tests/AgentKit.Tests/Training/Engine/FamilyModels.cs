using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Tiny models of the families whose blocks are not llama's: gemma2, gemma3 and phi3.</summary>
internal static class FamilyModels
{
    /// <summary>Tokens a windowed layer of these models attends to.</summary>
    public const int Window = 20;

    /// <summary>Tokens before phi3's positions are stretched.</summary>
    public const int FirstContext = 256;

    /// <summary>A shape of the family whose head length is no power of four, so that scales round.</summary>
    public static TestModelShape Shape(string architecture, GgmlType type = GgmlType.F32) => new()
    {
        Architecture = architecture, Type = type, Heads = 4, KvHeads = 2, OwnHeadLength = architecture == "phi3" ? 0 : 32, Embedding = architecture == "phi3" ? 128 : 64,
        Layers = 3,
    };

    /// <summary>A writer with the whole model in it, windows, caps and stretched positions included.</summary>
    public static GgufWriter Writer(string architecture, GgmlType type = GgmlType.F32)
    {
        TestModelShape shape = Shape(architecture, type);
        GgufWriter writer = TestModel.Writer(shape);
        writer.Set($"{architecture}.attention.sliding_window", (uint)Window);
        if (architecture == "gemma2") writer.Set("gemma2.attn_logit_softcapping", 2f).Set("gemma2.final_logit_softcapping", 3f);
        if (architecture == "gemma3")
        {
            writer.Set("gemma3.rope.freq_base", 1_000_000f).Set("gemma3.rope.scaling.type", "linear").Set("gemma3.rope.scaling.factor", 8f)
                .Set("gemma3.attention.sliding_window_pattern", 2u);
        }

        return architecture == "phi3" ? Stretched(writer, shape) : writer;
    }

    /// <summary>The file, written.</summary>
    public static string Create(string path, string architecture, GgmlType type = GgmlType.F32)
    {
        Writer(architecture, type).Write(path);
        return path;
    }

    private static GgufWriter Stretched(GgufWriter writer, TestModelShape shape)
    {
        writer.Set("phi3.rope.scaling.original_context_length", (uint)FirstContext).Set("phi3.rope.scaling.attn_factor", 1.19f);
        float[] Factors(float last) => [.. Enumerable.Range(0, shape.HeadLength / 2).Select(pair => 1 + (last * pair / (shape.HeadLength / 2)))];
        writer.Add("rope_factors_long.weight", GgmlType.F32, [shape.HeadLength / 2], Factors(40));
        writer.Add("rope_factors_short.weight", GgmlType.F32, [shape.HeadLength / 2], Factors(0.5f));
        return writer;
    }
}
