using System.Text;
using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Wrong sizes and constants: zero, huge, negative, odd, missing, of another type, or right for another family.</summary>
internal static class MetadataMutations
{
    private static readonly string[] Sizes =
    [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count", "attention.head_count_kv",
        "attention.key_length", "attention.value_length", "rope.dimension_count", "vocab_size", "expert_count", "expert_used_count",
        "expert_group_count", "expert_group_used_count", "attention.sliding_window", "attention.sliding_window_pattern", "nextn_predict_layers",
        "pooling_type", "embedding_length_out", "rope.scaling.original_context_length", "attention.key_length_swa", "attention.value_length_swa",
        "rope.dimension_count_swa", "attention.key_length_mla", "attention.value_length_mla", "attention.kv_lora_rank", "ssm.state_size",
        "full_attention_interval", "expert_feed_forward_length", "leading_dense_block_count", "rope.dimension_sections",
    ];

    private static readonly string[] Floats =
    [
        "attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon", "rope.freq_base", "rope.scaling.factor", "rope.scale_linear",
        "rope.scaling.attn_factor", "attention.scale", "attention.clamp_kqv", "attention.max_alibi_bias", "logit_scale", "residual_scale",
        "expert_weights_scale", "final_logit_softcapping", "attn_logit_softcapping", "rope.freq_base_swa",
    ];

    private static readonly string[] Architectures =
    [
        "llama", "qwen2", "qwen3", "qwen2moe", "qwen3moe", "llama4", "gemma", "gemma2", "gemma3", "phi2", "phi3", "mamba", "rwkv6", "mistral3", "granite",
        "olmo", "olmo2", "internlm2", "deepseek2", "bert", "t5", "clip", "smollm3", "exaone4", "arcee", "cohere2", "gpt-oss", "llada", "dream", "ernie4_5",
        "seed_oss", "baichuan", "orion", "xverse", "minicpm", "llama-embed", "deci", "nanbeige", "hunyuan-dense", "lfm2", "nonsense", "", "(unknown)",
    ];

    internal static readonly Mutation[] All =
    [
        new(12, "size", (f, r) => f.Set(Key(f, Sizes, r), (uint)Size(r))),
        new(6, "own size", (f, r) => Numbers(f, r)?.Items[0] = BitConverter.GetBytes((uint)Size(r))),
        new(3, "size off by one", OffByOne),
        new(5, "float", (f, r) => f.Set(Key(f, Floats, r), Float(r))),
        new(4, "per layer", PerLayer),
        new(4, "type of a value", OtherType),
        new(4, "missing key", (f, r) => f.Entries.RemoveAt(r.Next(f.Entries.Count))),
        new(2, "swapped values", SwapValues),
        new(4, "architecture", Rename),
        new(1, "architecture only", (f, r) => f.Set("general.architecture", Architectures[r.Next(Architectures.Length)])),
        new(2, "rope scaling", (f, r) => f.Set($"{f.Architecture}.rope.scaling.type", ((string[])["none", "linear", "yarn", "longrope", "nonsense", ""])[r.Next(6)])),
        new(2, "experts", (f, r) =>
        {
            f.Set($"{f.Architecture}.expert_count", (uint)r.Next(9));
            f.Set($"{f.Architecture}.expert_used_count", (uint)r.Next(9));
        }),
        new(1, "causal", (f, r) => f.Set($"{f.Architecture}.attention.causal", r.Next(2) == 0)),
        new(1, "split", (f, r) =>
        {
            f.Set("split.count", (ushort)r.Next(4));
            f.Set("split.no", (ushort)r.Next(4));
        }),
        new(1, "type of the file", (f, r) => f.Set("general.type", ((string[])["model", "adapter", "mmproj", ""])[r.Next(4)])),
        new(1, "chat template", (f, r) => f.Find("tokenizer.chat_template")?.Items[0] = [0xFF, 0xFE, 0, (byte)r.Next(256)]),
        new(1, "labels", (f, r) => f.Set($"{f.Architecture}.classifier.output_labels", GgufValue.Array([.. Enumerable.Range(0, r.Next(200)).Select(i => $"l{i}")]))),
        new(2, "heads that fit", (f, r) =>
        {
            uint heads = (uint)(1 << r.Next(7));
            f.Set($"{f.Architecture}.attention.head_count", heads);
            f.Set($"{f.Architecture}.attention.head_count_kv", Math.Max(1, heads / 2));
            foreach (string suffix in (string[])["attention.key_length", "attention.value_length", "rope.dimension_count"])
                f.Entries.RemoveAll(e => e.Key == $"{f.Architecture}.{suffix}");
        }),
    ];

    private static string Key(RawGguf file, string[] suffixes, Random random) => $"{file.Architecture}.{suffixes[random.Next(suffixes.Length)]}";

    private static long Size(Random random)
    {
        long[] values = [0, 1, 2, 3, 5, 7, 8, 16, 31, 33, 255, 512, 513, 1024, 4096, 65_535, 1 << 20, 1 << 24, int.MaxValue, 1L << 31, uint.MaxValue];
        return random.Next(3) == 0 ? random.Next(1, 600) : values[random.Next(values.Length)];
    }

    private static float Float(Random random)
    {
        float[] values =
            [0, -0f, 1, -1, 1e-5f, 1e-45f, 1e38f, -1e38f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.5f, 8, 100, 1e-30f];
        return values[random.Next(values.Length)];
    }

    private static RawGguf.Entry? Numbers(RawGguf file, Random random)
    {
        var numbers = file.Entries.Where(e => e.Type == (uint)GgufValueType.UInt32).ToArray();
        return numbers.Length == 0 ? null : numbers[random.Next(numbers.Length)];
    }

    private static void OffByOne(RawGguf file, Random random)
    {
        if (Numbers(file, random) is { Items: [{ Length: 4 } item] } entry)
            entry.Items[0] = BitConverter.GetBytes(BitConverter.ToUInt32(item) + (uint)(random.Next(2) == 0 ? 1 : -1));
    }

    private static void PerLayer(RawGguf file, Random random)
    {
        string[] keys = ["feed_forward_length", "attention.head_count", "attention.head_count_kv", "expert_used_count", "attention.sliding_window_pattern"];
        string key = Key(file, keys, random);
        uint value = file.Find(key) is { Items: [{ Length: 4 } item, ..] } ? BitConverter.ToUInt32(item) : 2;
        int layers = file.Tensors.Count(t => t.Name.EndsWith("attn_norm.weight", StringComparison.Ordinal)) + (random.Next(3) == 0 ? random.Next(-2, 3) : 0);
        var values = Enumerable.Range(0, Math.Max(0, layers)).Select(_ => random.Next(4) == 0 ? (uint)Size(random) : value).ToArray();
        if (random.Next(4) == 0) file.Set(key, GgufValue.Array(values.Select(v => unchecked((int)v)).ToArray()));
        else if (random.Next(6) == 0) file.Set(key, GgufValue.Array(values.Select(v => (float)v).ToArray()));
        else file.Set(key, GgufValue.Array(values));
    }

    private static void OtherType(RawGguf file, Random random)
    {
        string key = file.Entries[random.Next(file.Entries.Count)].Key;
        uint number = file.Find(key) is { Items: [{ Length: 4 } item] } ? BitConverter.ToUInt32(item) : 1;
        GgufValue[] values = [number.ToString(), (float)number, (int)number, (ulong)number, true, (double)number, (ushort)number,
            GgufValue.Array([number]), GgufValue.Array(["a", "b"]), GgufValue.Array(Array.Empty<string>())];
        file.Set(key, values[random.Next(values.Length)]);
    }

    private static void SwapValues(RawGguf file, Random random)
    {
        var a = file.Entries[random.Next(file.Entries.Count)];
        var b = file.Entries[random.Next(file.Entries.Count)];
        (a.Key, b.Key) = (b.Key, a.Key);
    }

    /// <summary>Another family with all keys renamed, so that its loader finds them.</summary>
    private static void Rename(RawGguf file, Random random)
    {
        string from = file.Architecture + ".", to = Architectures[random.Next(Architectures.Length)];
        foreach (var entry in file.Entries.Where(e => e.Key.StartsWith(from, StringComparison.Ordinal))) entry.Key = $"{to}.{entry.Key[from.Length..]}";
        file.Find("general.architecture")?.Items[0] = Encoding.UTF8.GetBytes(to);
        if (random.Next(2) == 0) file.Set($"{to}.attention.layer_norm_epsilon", 1e-5f);
    }
}
