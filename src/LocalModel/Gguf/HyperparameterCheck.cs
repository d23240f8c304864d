namespace AgentKit.Models.Gguf;

/// <summary>
/// Sizes and constants of a model: the bounds llama.cpp asserts, and bounds that keep its 32-bit products from overflowing.
/// </summary>
internal static class HyperparameterCheck
{
    private const uint MaxLayers = 512, MaxExperts = 1024, MaxHeads = 16_384, MaxHeadLength = 16_384;
    private const uint MaxEmbedding = 1 << 20, MaxFeedForward = 1 << 24, MaxContext = 1 << 30, MaxPoolingType = 4;

    /// <summary>Recurrent families have no attention heads at all; hybrids have layers without.</summary>
    private static readonly HashSet<string> Recurrent = ["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", "wavtokenizer-dec"];

    private static readonly HashSet<string> Hybrid =
    [
        "jamba", "falcon-h1", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "nemotron_h_moe", "qwen3next", "kimi-linear",
        "bailingmoe3", "kimi-k3", "qwen35", "qwen35moe", "qwen4exp", "deepseek4", "minimax-01", "deci", "openelm",
    ];

    private static readonly string[] Floats =
    [
        "attention.max_alibi_bias", "attention.clamp_kqv", "attention.scale", "attention.output_scale", "attention.value_scale", "logit_scale",
        "residual_scale", "embedding_scale", "attn_logit_softcapping", "final_logit_softcapping", "router_logit_softcapping", "expert_weights_scale",
        "rope.scaling.attn_factor", "rope.scaling.alpha", "rope.scaling.yarn_log_multiplier", "rope.scaling.yarn_ext_factor",
        "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "attention.temperature_scale",
    ];

    /// <summary>Sizes that llama.cpp divides or takes remainders by, or that size its buffers.</summary>
    private static readonly string[] Sizes =
    [
        "wkv.head_size", "token_shift_count", "full_attention_interval", "num_loops", "interleave_moe_layer_step", "kda.head_dim", "shortconv.l_cache",
        "attention.group_norm_groups", "attention.relative_buckets_count", "attention.q_lora_rank", "attention.kv_lora_rank", "attention.key_length_mla",
        "attention.value_length_mla", "attention.key_length_swa", "attention.value_length_swa", "expert_feed_forward_length",
        "expert_shared_feed_forward_length", "posnet.embedding_length", "posnet.block_count", "convnext.embedding_length", "convnext.block_count",
        "features_length", "attention.indexer.head_count", "attention.indexer.key_length", "attention.indexer.block_size", "ssm.inner_size",
        "ssm.state_size", "ssm.time_step_rank", "ssm.conv_kernel", "hyper_connection.count", "hrm.layers_per_stack", "hrm.h_cycles", "hrm.l_cycles",
        "experts_per_group", "decoder_block_count", "embedding_length_per_layer_input", "attention.temperature_length",
    ];

    internal static ModelShape Verify(ModelMetadata model)
    {
        model.Required(model.Key("context_length"), 1, MaxContext);
        uint embedding = model.Required(model.Key("embedding_length"), 1, MaxEmbedding);
        int layers = (int)model.Required(model.Key("block_count"), 1, MaxLayers);
        model.UInt32(model.Key("nextn_predict_layers"), 0, (uint)layers - 1);
        model.UInt32(model.Key("embedding_length_out"), 1, MaxEmbedding);
        model.UInt32(model.Key("pooling_type"), 0, MaxPoolingType);
        model.Bool(model.Key("attention.causal"));
        foreach (string suffix in Sizes) CheckSize(model, suffix);
        foreach (string suffix in Floats) model.Float32(model.Key(suffix), float.MinValue, float.MaxValue);
        CheckEpsilon(model);
        CheckLabels(model, embedding);
        uint experts = CheckExperts(model, layers);
        var (heads, kvHeads) = CheckHeads(model, layers);
        var feedForward = model.PerLayer(model.Key("feed_forward_length"), layers, MaxFeedForward) ?? new uint[layers];
        var (keyLength, valueLength, rope) = CheckHeadLengths(model, embedding, heads[0]);
        CheckRope(model);
        CheckWindow(model, layers);
        return new ModelShape(embedding, layers, heads, kvHeads, feedForward, keyLength, valueLength, rope, experts);
    }

    private static void CheckSize(ModelMetadata model, string suffix)
    {
        string key = model.Key(suffix);
        if (model.Find(key) is { IsArray: false }) model.UInt32(key, 0, MaxFeedForward);
    }

    private static void CheckEpsilon(ModelMetadata model)
    {
        foreach (string suffix in (ReadOnlySpan<string>)["layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon"])
            model.Float32(model.Key("attention." + suffix), float.Epsilon, 1);
    }

    /// <summary>One rerank score per label is read from a row of the embedding's size.</summary>
    private static void CheckLabels(ModelMetadata model, uint embedding)
    {
        string key = model.Key("classifier.output_labels");
        if (model.FindArray(key, GgufValueType.String) is { } labels && labels.Count > embedding)
            throw model.Fault(key, $"has {labels.Count} labels; at most embedding_length ({embedding}) are allowed.");
    }

    private static uint CheckExperts(ModelMetadata model, int layers)
    {
        string usedKey = model.Key("expert_used_count"), groupKey = model.Key("expert_group_count"), usedGroupKey = model.Key("expert_group_used_count");
        uint experts = model.UInt32(model.Key("expert_count"), 0, MaxExperts) ?? 0;
        uint used = model.PerLayer(usedKey, layers, MaxExperts)?.Max() ?? 0;
        uint groups = model.UInt32(groupKey) ?? 0, usedGroups = model.UInt32(usedGroupKey) ?? 0;
        // Some dense hunyuan files say "one expert", which llama.cpp reads as none.
        if (experts == 1 && model.Architecture is "hunyuan-dense" or "hunyuan_vl") return 0;
        if (used > experts || (experts > 0 && used == 0)) throw model.Fault(usedKey, $"is {used}; 1 to expert_count ({experts}) is allowed, 0 without experts.");
        if (groups > 0 && groups >= experts) throw model.Fault(groupKey, $"is {groups}; it must be below expert_count ({experts}).");
        if (groups > 1 && experts % groups != 0) throw model.Fault(groupKey, $"is {groups}, which does not divide expert_count ({experts}).");
        if (groups > 1 && (usedGroups == 0 || usedGroups >= groups))
            throw model.Fault(usedGroupKey, $"is {usedGroups}; 1 to {groups - 1} is allowed with {groups} groups.");
        return experts;
    }

    private static (uint[] Heads, uint[] KvHeads) CheckHeads(ModelMetadata model, int layers)
    {
        string key = model.Key("attention.head_count"), kvKey = model.Key("attention.head_count_kv");
        bool recurrent = Recurrent.Contains(model.Architecture), mayBeZero = recurrent || Hybrid.Contains(model.Architecture);
        var heads = model.PerLayer(key, layers, MaxHeads);
        if (heads is null && !recurrent) throw model.Fault(key, "is missing; every model of this family needs it.");
        heads ??= new uint[layers];
        var kvHeads = model.PerLayer(kvKey, layers, MaxHeads) ?? heads;
        if (!recurrent && heads.All(n => n == 0)) throw model.Fault(key, "is 0; at least one head is needed.");
        for (int i = 0; i < layers; i++)
        {
            if (heads[i] == 0 && !mayBeZero) throw model.Fault(key, $"is 0 for layer {i}; at least one head is needed.");
            if (kvHeads[i] == 0 && heads[i] > 0 && !mayBeZero) throw model.Fault(kvKey, $"is 0 for layer {i}; at least one head is needed.");
            if (kvHeads[i] > 0 && heads[i] % kvHeads[i] != 0)
                throw model.Fault(kvKey, $"is {kvHeads[i]} for layer {i}, which does not divide the {heads[i]} attention heads.");
        }
        return (heads, kvHeads);
    }

    private static (uint Key, uint Value, uint Rope) CheckHeadLengths(ModelMetadata model, uint embedding, uint heads)
    {
        uint whole = heads == 0 ? 0 : embedding / heads;
        uint? keyLength = model.UInt32(model.Key("attention.key_length"), 1, MaxHeadLength);
        uint? valueLength = model.UInt32(model.Key("attention.value_length"), 1, MaxHeadLength);
        if (heads > 0 && keyLength is null && (embedding % heads != 0 || whole > MaxHeadLength))
            throw model.Fault(model.Key("attention.head_count"), $"is {heads}, which does not divide embedding_length ({embedding}); " +
                "then attention.key_length must be given.");
        uint length = keyLength ?? whole;
        string ropeKey = model.Key("rope.dimension_count");
        uint rope = model.UInt32(ropeKey) ?? length;
        if (heads > 0 && (rope > length || rope % 2 != 0))
            throw model.Fault(ropeKey, $"is {rope}; an even number up to the head's key length ({length}) is needed.");
        uint? swa = model.UInt32(model.Key("rope.dimension_count_swa"), 0, MaxHeadLength);
        if (swa % 2 == 1) throw model.Fault(model.Key("rope.dimension_count_swa"), $"is {swa}; an even number is needed.");
        return (length, valueLength ?? whole, rope);
    }

    private static void CheckRope(ModelMetadata model)
    {
        string key = model.Key("rope.scaling.type");
        if (model.Text(key) is { } scaling && scaling is not ("none" or "linear" or "yarn" or "longrope"))
            throw model.Fault(key, $"is \"{scaling}\"; none, linear, yarn and longrope are known.");
        model.Float32(model.Key("rope.freq_base"), 1e-6f, 1e30f);
        model.Float32(model.Key("rope.freq_base_swa"), 1e-6f, 1e30f);
        model.Float32(model.Key("rope.scaling.factor"), 0, 1e9f);
        model.Float32(model.Key("rope.scale_linear"), 0, 1e9f);
        model.UInt32(model.Key("rope.scaling.original_context_length"), 1, MaxContext);
        model.Bool(model.Key("rope.scaling.finetuned"));
        string sections = model.Key("rope.dimension_sections");
        if (model.FindArray(sections, GgufValueType.Int32, GgufValueType.UInt32) is not { } value) return;
        if (value.Count > 4 || value.AsIntegers().Any(n => n is < 0 or > MaxHeadLength))
            throw model.Fault(sections, $"is {value}; up to four numbers from 0 to {MaxHeadLength} are allowed.");
    }

    private static void CheckWindow(ModelMetadata model, int layers)
    {
        model.UInt32(model.Key("attention.sliding_window"), 0, MaxContext);
        string key = model.Key("attention.sliding_window_pattern");
        if (model.Find(key) is not { } pattern) return;
        if (!pattern.IsArray) model.UInt32(key, 0, MaxLayers);
        else if (pattern.Count < layers) throw model.Fault(key, $"has {pattern.Count} elements; the model has {layers} layers.");
        else model.FindArray(key, GgufValueType.Bool, GgufValueType.UInt32, GgufValueType.Int32);
    }
}
