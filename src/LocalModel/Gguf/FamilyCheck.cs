namespace AgentKit.Models.Gguf;

/// <summary>
/// Tensor for tensor what the families llama, qwen2 and qwen3 must have. llama.cpp answers a missing or misshapen tensor with an error,
/// but aborts later when sizes that it never compares do not fit together.
/// </summary>
internal sealed class FamilyCheck
{
    private readonly ModelMetadata model;
    private readonly ModelShape shape;
    private readonly Dictionary<string, (GgufFile File, int Index)> tensors = [];
    private readonly long embedding, queries, keys, values, feedForward;

    private FamilyCheck(ModelMetadata model, IReadOnlyList<GgufFile> parts, ModelShape shape)
    {
        this.model = model;
        this.shape = shape;
        foreach (var file in parts)
            for (int i = 0; i < file.Tensors.Count; i++) tensors.Add(file.Tensors[i].Name, (file, i));
        embedding = shape.Embedding;
        queries = (long)shape.KeyLength * shape.Heads[0];
        keys = (long)shape.KeyLength * shape.KvHeads[0];
        values = (long)shape.ValueLength * shape.KvHeads[0];
        feedForward = shape.FeedForward[0];
    }

    internal static void Verify(ModelMetadata model, IReadOnlyList<GgufFile> parts, ModelShape shape, int tokens)
    {
        if (model.Architecture is not ("llama" or "qwen2" or "qwen3")) return;
        var check = new FamilyCheck(model, parts, shape);
        check.CheckSizes();
        check.CheckTensors(tokens);
    }

    private void CheckSizes()
    {
        ArchitectureCheck.Uniform(model, "feed_forward_length", shape.FeedForward);
        if (feedForward == 0) throw model.Fault(model.Key("feed_forward_length"), "is missing or 0; every model of this family needs it.");
        if (model.Architecture == "qwen2" && queries != embedding)
            throw model.Fault(model.Key("attention.key_length"), $"is {shape.KeyLength}; {shape.Heads[0]} heads must fill embedding_length ({embedding}).");
        if (model.Float32(model.Key("attention.layer_norm_rms_epsilon")) is null)
            throw model.Fault(model.Key("attention.layer_norm_rms_epsilon"), "is missing; every model of this family needs it.");
        if (model.UInt32(model.Key("nextn_predict_layers")) > 0)
            throw model.Fault(model.Key("nextn_predict_layers"), "is not 0; this family has no such layers.");
        if (model.UInt32(model.Key("embedding_length_out")) is { } output && output != embedding)
            throw model.Fault(model.Key("embedding_length_out"), $"is {output}; this family's output has embedding_length ({embedding}).");
        if (shape.Experts > 0 && model.Architecture != "llama")
            throw model.Fault(model.Key("expert_count"), $"is {shape.Experts}; this family has no experts.");
        // Swapped-in head sizes per window would differ from those the tensors are built for.
        foreach (string suffix in (ReadOnlySpan<string>)["attention.key_length_swa", "attention.value_length_swa", "rope.dimension_count_swa"])
            if (model.Find(model.Key(suffix)) is not null) throw model.Fault(model.Key(suffix), "is set; this family has no sliding windows.");
    }

    private void CheckTensors(int tokens)
    {
        Required("token_embd.weight", embedding, tokens);
        Required("output_norm.weight", embedding);
        Optional("output.weight", embedding, tokens);
        Optional("output.bias", tokens);
        Optional("rope_freqs.weight", shape.Rope / 2);
        Optional("rope_factors_long.weight", shape.Rope / 2);
        Optional("rope_factors_short.weight", shape.Rope / 2);
        if (model.Architecture == "qwen3") CheckRanking();
        for (int i = 0; i < shape.Layers; i++)
        {
            CheckAttention($"blk.{i}.");
            if (shape.Experts > 0) CheckExperts($"blk.{i}.");
            else CheckFeedForward($"blk.{i}.");
        }
    }

    private void CheckRanking() =>
        Optional("cls.output.weight", embedding, model.FindArray(model.Key("classifier.output_labels"), GgufValueType.String)?.Count ?? 1);

    private void CheckAttention(string block)
    {
        Required(block + "attn_norm.weight", embedding);
        if (tensors.ContainsKey(block + "attn_qkv.weight"))
        {
            Required(block + "attn_qkv.weight", embedding, queries + keys + values);
            Optional(block + "attn_qkv.bias", queries + keys + values);
        }
        else
        {
            Required(block + "attn_q.weight", embedding, queries);
            Required(block + "attn_k.weight", embedding, keys);
            Required(block + "attn_v.weight", embedding, values);
        }
        Optional(block + "attn_q.bias", queries);
        Optional(block + "attn_k.bias", keys);
        Optional(block + "attn_v.bias", values);
        Required(block + "attn_output.weight", queries, embedding);
        Optional(block + "attn_output.bias", embedding);
        if (model.Architecture != "qwen3") return;
        Required(block + "attn_q_norm.weight", shape.KeyLength);
        Required(block + "attn_k_norm.weight", shape.KeyLength);
    }

    private void CheckFeedForward(string block)
    {
        Required(block + "ffn_norm.weight", embedding);
        Required(block + "ffn_gate.weight", embedding, feedForward);
        Required(block + "ffn_up.weight", embedding, feedForward);
        Required(block + "ffn_down.weight", feedForward, embedding);
        Optional(block + "ffn_gate.bias", feedForward);
        Optional(block + "ffn_up.bias", feedForward);
        Optional(block + "ffn_down.bias", embedding);
    }

    private void CheckExperts(string block)
    {
        Required(block + "ffn_norm.weight", embedding);
        Required(block + "ffn_gate_inp.weight", embedding, shape.Experts);
        Required(block + "ffn_gate_exps.weight", embedding, feedForward, shape.Experts);
        Required(block + "ffn_up_exps.weight", embedding, feedForward, shape.Experts);
        Required(block + "ffn_down_exps.weight", feedForward, embedding, shape.Experts);
    }

    private void Required(string name, params ReadOnlySpan<long> sizes)
    {
        if (!tensors.ContainsKey(name)) throw model.Fault($"tensor \"{name}\"", $"is missing; a {model.Architecture} model needs it with shape {Text(sizes)}.");
        Optional(name, sizes);
    }

    private void Optional(string name, params ReadOnlySpan<long> sizes)
    {
        if (!tensors.TryGetValue(name, out var place)) return;
        var (file, index) = place;
        var found = file.Tensors[index];
        for (int d = 0; d < Math.Max(sizes.Length, found.Shape.Count); d++)
            if ((d < sizes.Length ? sizes[d] : 1) != (d < found.Shape.Count ? found.Shape[d] : 1))
                throw GgufReader.Fault(file.Name, TensorCheck.Field(file, index) + ".dims", $"is {Text(found.Shape.ToArray())}; {Text(sizes)} is needed.");
        if (found.Type == GgmlType.I32) throw TensorCheck.Unusable(file, index, "weights of this family are floats or quantized floats");
        if (sizes.Length == 1 && found.Type != GgmlType.F32) throw TensorCheck.Unusable(file, index, "vectors must be F32");
    }

    private static string Text(ReadOnlySpan<long> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
}
