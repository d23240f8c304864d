using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public class ModelInfoTests
{
    [Fact]
    public void Read_ShippedModel_SaysWhatItIs()
    {
        var info = ModelInfo.Read(ShippedModel.Path);

        Assert.Equal(("nano-workshop", "llama", "apache-2.0"), (info.Name, info.Architecture, info.License));
        Assert.Equal((6L, 8L, 4L, 1024L, 256L, 2048L), (info.Layers, info.Heads, info.KvHeads, info.ContextLength, info.EmbeddingLength, info.VocabularySize));
        Assert.Equal(("gpt2", "qwen2", "Q8_0"), (info.Tokenizer, info.PreTokenizer, info.Quantization));
        Assert.Equal(new FileInfo(ShippedModel.Path).Length, info.FileBytes);
        // 6 layers × (4 key heads + 4 value heads) × 32 elements.
        Assert.Equal(new KvBytesPerToken(3072, 1632, 864), info.KvBytesPerToken);
        Assert.Contains("<|im_start|>", info.ChatTemplate);
        Assert.True(info.IsCausal);
    }

    [Fact]
    public void From_HeadsNotOfWholeBlocks_HasNoQuantizedCache()
    {
        var info = From(new TestModelShape { Embedding = 64, Heads = 4, KvHeads = 2 });
        Assert.Equal(new KvBytesPerToken(2 * 2 * 2 * 16 * 2, null, null), info.KvBytesPerToken);
    }

    [Fact]
    public void From_LayersOfDifferentKind_SumsTheirCaches()
    {
        var info = From(new(), ("llama.attention.head_count_kv", GgufValue.Array([1u, 0u])));
        Assert.Equal(new KvBytesPerToken(2 * 64, 2 * 34, 2 * 18), info.KvBytesPerToken);
        Assert.True(info.IsRecurrent);
    }

    [Fact]
    public void From_LatentAttention_CountsKeysOnly()
    {
        var info = From(new(), ("llama.attention.key_length_mla", 32u));
        Assert.Equal(2 * 32 * 2, info.KvBytesPerToken!.F16);
        Assert.True(info.HasLatentAttention);
    }

    [Fact]
    public void From_SparseMetadata_LeavesTheRestNull()
    {
        using var stream = new MemoryStream();
        new GgufWriter().Set("general.architecture", "new").Write(stream);
        stream.Position = 0;
        var info = ModelInfo.From(GgufFile.Read(stream, "folder/some.gguf"));
        Assert.Equal(("some", "new", 0L, "none"), (info.Name, info.Architecture, info.Parameters, info.Quantization));
        Assert.Null(info.KvBytesPerToken);
        Assert.Null(info.Layers);
    }

    [Fact]
    public void Parameters_IsTheSumOfAllTensors()
    {
        var shape = new TestModelShape { Layers = 1 };
        long attention = (2 * 64 * 64) + (2 * 64 * 32), feedForward = 3 * 64 * 128, norms = 3 * 64;
        Assert.Equal((2 * 64 * 320) + attention + feedForward + norms, From(shape).Parameters);
    }

    private static ModelInfo From(TestModelShape shape, params (string Key, GgufValue Value)[] changes)
    {
        var writer = TestModel.Writer(shape);
        foreach (var (key, value) in changes) writer.Set(key, value);
        using var stream = new MemoryStream();
        writer.Write(stream);
        stream.Position = 0;
        return ModelInfo.From(GgufFile.Read(stream, "test.gguf"));
    }
}
