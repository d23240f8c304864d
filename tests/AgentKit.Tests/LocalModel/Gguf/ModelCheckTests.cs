using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public class ModelCheckTests
{
    private static readonly byte[] Model = TestModel.CreateBytes();

    public static TheoryData<TestModelShape> Valid =>
    [
        new(), new() { Architecture = "qwen2" }, new() { Architecture = "qwen3" }, new() { Experts = 4, ExpertsUsed = 2 },
        new() { Type = GgmlType.Q8_0 }, new() { Type = GgmlType.BF16, PreTokenizer = "default", Vocabulary = 2000 },
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Verify_ValidModel_Passes(TestModelShape shape) => Verify(RawGguf.Parse(TestModel.CreateBytes(shape)));

    [Fact]
    public void Verify_ShippedModel_Passes() => ModelCheck.Verify(GgufFile.Open(ShippedModel.Path));

    public static TheoryData<string, string, Action<object>> Faults
    {
        get
        {
            var faults = new FaultList();
            AddSizeFaults(faults);
            AddVocabularyFaults(faults);
            AddTensorFaults(faults);
            return faults;
        }
    }

    private static void AddSizeFaults(FaultList faults)
    {
        faults.Remove("general.architecture", "missing");
        faults.Set("general.architecture", "clip", "image encoder");
        faults.Set("general.type", "adapter", "\"model\" is needed");
        faults.Remove("llama.block_count", "missing");
        faults.Set("llama.block_count", 0u, "1 to 512");
        faults.Set("llama.block_count", 513u, "1 to 512");
        faults.Set("llama.block_count", "2", "u32 is needed");
        faults.Set("llama.block_count", 2f, "u32 is needed");
        faults.Set("llama.block_count", 2, "u32 is needed");
        faults.Set("llama.context_length", 0u, "is 0");
        faults.Set("llama.embedding_length", uint.MaxValue, "is allowed");
        faults.Set("llama.feed_forward_length", 0u, "missing or 0");
        faults.Set("llama.attention.head_count", 0u, "at least one head");
        faults.Add("llama.attention.head_count", "does not divide embedding_length (64)", f =>
        {
            f.Entries.RemoveAll(e => e.Key == "llama.attention.key_length");
            f.Set("llama.attention.head_count", 3u);
        });
        faults.Set("llama.attention.head_count_kv", 0u, "at least one head");
        faults.Set("llama.attention.head_count_kv", 4u, "does not divide the 2 attention heads");
        faults.Set("llama.attention.head_count_kv", GgufValue.Array([1u, 2u]), "equal layers");
        faults.Set("llama.attention.head_count_kv", GgufValue.Array([1u]), "the model has 2 layers");
        faults.Set("llama.attention.value_length", 64u, "needs the key length 32");
        faults.Set("llama.rope.dimension_count", 31u, "even number");
        faults.Set("llama.rope.dimension_count", 64u, "up to the head's key length");
        faults.Set("llama.rope.dimension_count", 16u, "whole heads");
        faults.Set("llama.rope.freq_base", float.NaN, "is NaN");
        faults.Set("llama.rope.scaling.type", "nonsense", "longrope are known");
        faults.Set("llama.attention.layer_norm_rms_epsilon", 0f, "is allowed");
        faults.Set("llama.attention.layer_norm_rms_epsilon", -1e-5f, "is allowed");
        faults.Set("llama.attention.layer_norm_rms_epsilon", float.NaN, "is allowed");
        faults.Remove("llama.attention.layer_norm_rms_epsilon", "missing");
        faults.Set("llama.expert_used_count", 2u, "0 without experts");
        faults.Set("llama.expert_count", 2000u, "0 to 1024");
        faults.Set("llama.pooling_type", 9u, "0 to 4");
        faults.Set("llama.nextn_predict_layers", 2u, "0 to 1");
    }

    private static void AddVocabularyFaults(FaultList faults)
    {
        faults.Set("tokenizer.ggml.model", "none", "are known");
        faults.Remove("tokenizer.ggml.model", "no tokenizer");
        faults.Set("tokenizer.ggml.pre", "nonsense", "does not know");
        faults.Set("tokenizer.ggml.pre", "whitespace", "goes with");
        faults.Remove("tokenizer.ggml.tokens", "no vocabulary");
        faults.Set("tokenizer.ggml.tokens", GgufValue.Array(Array.Empty<string>()), "no vocabulary");
        faults.Set("tokenizer.ggml.tokens", GgufValue.Array([1, 2]), "an array of string is needed");
        faults.Set("tokenizer.ggml.scores", GgufValue.Array([0f]), "has 1 elements; there are 320 tokens");
        faults.Set("tokenizer.ggml.token_type", GgufValue.Array([1]), "has 1 elements; there are 320 tokens");
        faults.Remove("tokenizer.ggml.merges", "missing");
        faults.Set("tokenizer.ggml.bos_token_id", 320u, "0 to 319");
        faults.Set("tokenizer.ggml.eos_token_id", uint.MaxValue, "0 to 319");
        faults.Set("tokenizer.ggml.fim_pre_token_id", 5000u, "0 to 319");
        faults.Add("split.no", "is missing; open the first file", f => f.Set("split.count", (ushort)2));
        faults.Add("split.count", "-00001-of-00002.gguf", f =>
        {
            f.Set("split.count", (ushort)2);
            f.Set("split.no", (ushort)0);
        });
        faults.Add("tokenizer.ggml.tokens[5]", "the same as token 4", f => f.Find("tokenizer.ggml.tokens")!.Items[5] = f.Find("tokenizer.ggml.tokens")!.Items[4]);
        faults.Add("tokenizer.ggml.tokens[6]", "the same as token 5", f => (f.Find("tokenizer.ggml.tokens")!.Items[5], f.Find("tokenizer.ggml.tokens")!.Items[6]) = ([65, 65, 0, 66], [65, 65, 0, 67]));
        faults.Add("tokenizer.ggml.token_type[3]", "0 to 6", f => f.Find("tokenizer.ggml.token_type")!.Items[3] = BitConverter.GetBytes(7));
        faults.Add("tokenizer.ggml.merges[2]", "two parts", f => f.Find("tokenizer.ggml.merges")!.Items[2] = "ab"u8.ToArray());
        faults.Add("tokenizer.ggml.merges[2]", "two parts", f => f.Find("tokenizer.ggml.merges")!.Items[2] = "ab "u8.ToArray());
        faults.Add("tokenizer.ggml.tokens", "the byte 0x00", f => f.Set("tokenizer.ggml.model", "llama"));
        faults.Add("tokenizer.ggml.eos_token_id", "adds this token", f =>
        {
            f.Entries.RemoveAll(e => e.Key == "tokenizer.ggml.eos_token_id");
            f.Set("tokenizer.ggml.model", "bert");
            f.Set("tokenizer.ggml.add_eos_token", true);
        });
        faults.Add("tokenizer.chat_template", "UTF-8", f => f.Find("tokenizer.chat_template")!.Items[0] = [0xFF]);
    }

    private static void AddTensorFaults(FaultList faults)
    {
        faults.Add("tensor \"blk.1.attn_q.weight\"", "missing", f => f.Tensors.RemoveAll(t => t.Name == "blk.1.attn_q.weight"));
        faults.Add("tensor \"token_embd.weight\"", "missing", f => f.Tensors.RemoveAt(0));
        faults.Add("tensors[3] \"blk.0.attn_norm.weight\".type", "vectors must be F32", f => f.Tensors[3].Type = (uint)GgmlType.F16);
        faults.Add("tensors[4] \"blk.0.attn_q.weight\".type", "cannot multiply", f => f.Tensors[4].Type = (uint)GgmlType.F64);
        faults.Add("tensors[4] \"blk.0.attn_q.weight\".type", "floats", f => f.Tensors[4].Type = (uint)GgmlType.I32);
        faults.Add("tensors[4] \"blk.0.attn_q.weight\".dims[1]", "the heads take 64", f => f.Tensors[4].Dims = [64, 32]);
        faults.Add("tensors[7] \"blk.0.attn_output.weight\".dims", "[64, 64] is needed", f => f.Tensors[7].Dims = [64, 32]);
        faults.Add("tensors[0] \"token_embd.weight\".dims", "[64, 320] is needed", f => f.Tensors[0].Dims = [64, 319]);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Verify_FaultyModel_NamesTheFault(string field, string message, Action<object> damage)
    {
        var raw = RawGguf.Parse(Model);
        damage(raw);
        Assert.True(raw.Relayout(new Random(1), 1 << 24));

        var error = Assert.Throws<UserInputException>(() => Verify(raw));

        Assert.Contains(message, error.Message);
        Assert.Equal(field, error.Field);
    }

    private static void Verify(RawGguf raw) => ModelCheck.Verify(GgufFile.Read(new MemoryStream(raw.ToBytes()), "model.gguf"));

    /// <summary>Where the fault is told, what is said, and what is done to a valid file.</summary>
    private sealed class FaultList : TheoryData<string, string, Action<object>>
    {
        internal void Add(string place, string message, Action<RawGguf> damage) => base.Add(place, message, raw => damage((RawGguf)raw));

        internal void Set(string key, GgufValue value, string message) => Add(key, message, f => f.Set(key, value));

        internal void Remove(string key, string message) => Add(key, message, f => f.Entries.RemoveAll(e => e.Key == key));
    }
}
