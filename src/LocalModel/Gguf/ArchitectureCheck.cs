namespace AgentKit.Models.Gguf;

/// <summary>
/// Rules of single families other than llama, qwen2 and qwen3: what llama.cpp v0.5.0 asserts about their sizes while it loads them or builds
/// their graphs. Shapes are not checked here one by one; llama.cpp answers wrong ones with an error.
/// </summary>
internal static class ArchitectureCheck
{
    /// <summary>Heads of one size throughout; keys and values alike; the whole head is rotated.</summary>
    private static readonly HashSet<string> WholeHeads = Names(
        "llama llama4 maincoder talkie baichuan falcon grok mellum qwen2 dream llada llada-moe rnd1 qwen2vl qwen2moe qwen3 qwen3moe qwen3vl qwen3vlmoe " +
        "pockettts plamo codeshell orion internlm2 starcoder2 xverse cohere2moe dbrx olmo olmo2 olmoe arctic deepseek jais2 exaone exaone4 exaone-moe " +
        "chameleon seed_oss dots1 arcee ernie4_5 ernie4_5-moe paddleocr hunyuan-moe hunyuan_vl hy_v3 smollm3 smallthinker grovemoe apertus cogvlm " +
        "pangu-embedded mistral3");

    /// <summary>Heads of one size throughout; keys and values alike; part of the head may be rotated.</summary>
    private static readonly HashSet<string> EqualHeads = Names(
        "starcoder refact bert modern-bert neo-bert eurobert bloom mpt stablelm nanbeige qwen phi2 phi3 gpt2 maple command-r cohere2 muse-glimmer gptneox " +
        "chatglm glm4 glm4moe bitnet t5 jais nemotron bailingmoe2 afmoe minimax-m2 minimax-m3");

    private static readonly HashSet<string> NeedExperts = Names("bailingmoe2 glm4moe llada-moe smallthinker grovemoe");

    private static readonly HashSet<string> NeedSections = Names("qwen2vl paddleocr qwen3vl qwen3vlmoe qwen35 qwen35moe qwen4exp qwen3tts");

    private static readonly HashSet<string> StateSpace = Names("mamba2 nemotron_h nemotron_h_moe granitehybrid falcon-h1 qwen3next qwen35 qwen35moe qwen4exp plamo2");

    private static readonly HashSet<string> LatentHeads = Names("deepseek2 deepseek2-ocr deepseek32 mistral4 hy_v4 glm-dsa dots3note");

    private static readonly Dictionary<string, string> Unusable = new()
    {
        ["clip"] = "an image encoder",
        ["wavtokenizer-dec"] = "an audio decoder",
        ["t5"] = "an encoder-decoder model, which chat cannot use",
        ["t5encoder"] = "a lone encoder without pooling",
        ["eagle3"] = "a draft head that needs its target model",
        ["dflash"] = "a draft head that needs its target model",
        ["gemma4-assistant"] = "a draft head that needs its target model",
    };

    /// <summary>Divisors in llama.cpp, or sizes it asserts to be there: a file that gives one must not give zero.</summary>
    private static readonly string[] Positive =
    [
        "full_attention_interval", "num_loops", "wkv.head_size", "hrm.layers_per_stack", "hrm.h_cycles", "hrm.l_cycles", "interleave_moe_layer_step",
        "attention.indexer.block_size", "experts_per_group", "attention.group_norm_groups", "attention.output_group_count", "kda.head_dim",
    ];

    internal static void VerifyUsable(ModelMetadata model)
    {
        if (Unusable.TryGetValue(model.Architecture, out string? what))
            throw model.Fault("general.architecture", $"is \"{model.Architecture}\", {what}; a language model is needed.");
    }

    internal static void Verify(ModelMetadata model, ModelShape shape)
    {
        foreach (string suffix in Positive)
            if (model.Find(model.Key(suffix)) is { IsArray: false } && model.UInt32(model.Key(suffix)) == 0)
                throw model.Fault(model.Key(suffix), "is 0; it must be at least 1.");
        CheckHeads(model, shape);
        CheckExperts(model, shape);
        if (NeedSections.Contains(model.Architecture)) CheckSections(model);
        if (StateSpace.Contains(model.Architecture)) CheckStateSpace(model);
        if (LatentHeads.Contains(model.Architecture)) CheckLatentHeads(model, shape);
        CheckSingle(model, shape);
    }

    /// <summary>True for families whose layers llama.cpp builds with the head counts of the first.</summary>
    internal static bool HasEqualLayers(string architecture) => WholeHeads.Contains(architecture) || EqualHeads.Contains(architecture);

    private static void CheckHeads(ModelMetadata model, ModelShape shape)
    {
        if (!HasEqualLayers(model.Architecture)) return;
        Uniform(model, "attention.head_count", shape.Heads);
        Uniform(model, "attention.head_count_kv", shape.KvHeads);
        if (shape.ValueLength != shape.KeyLength)
            throw model.Fault(model.Key("attention.value_length"), $"is {shape.ValueLength}; this family needs the key length {shape.KeyLength}.");
        if (shape.Rope != shape.KeyLength && WholeHeads.Contains(model.Architecture))
            throw model.Fault(model.Key("rope.dimension_count"), $"is {shape.Rope}; this family rotates whole heads of {shape.KeyLength}.");
    }

    /// <summary>A value per layer is allowed by the format, but this family has one for all.</summary>
    internal static void Uniform(ModelMetadata model, string suffix, uint[] perLayer)
    {
        int other = Array.FindIndex(perLayer, n => n != perLayer[0]);
        if (other > 0)
            throw model.Fault(model.Key(suffix), $"is {perLayer[other]} for layer {other}, but {perLayer[0]} for layer 0; this family has equal layers.");
    }

    private static void CheckExperts(ModelMetadata model, ModelShape shape)
    {
        string key = model.Key("expert_gating_func");
        if (NeedExperts.Contains(model.Architecture) && shape.Experts == 0)
            throw model.Fault(model.Key("expert_count"), "is 0 or missing; this family is a mixture of experts.");
        model.UInt32(key, 1, 4);
        if (model.Architecture == "smallthinker" && model.Find(key) is null) throw model.Fault(key, "is missing; this family needs it.");
        if (shape.Experts > 0 && model.PerLayer(model.Key("expert_used_count"), shape.Layers, uint.MaxValue)![0] == 0)
            throw model.Fault(model.Key("expert_used_count"), "is 0 for layer 0; at least one expert is needed.");
    }

    private static void CheckSections(ModelMetadata model)
    {
        string key = model.Key("rope.dimension_sections");
        if (model.FindArray(key, GgufValueType.Int32, GgufValueType.UInt32) is not { } sections || !sections.AsIntegers().Take(3).Any(n => n > 0))
            throw model.Fault(key, $"is {model.Find(key)?.ToString() ?? "missing"}; one of its first three numbers must be above 0.");
    }

    private static void CheckStateSpace(ModelMetadata model)
    {
        uint inner = model.UInt32(model.Key("ssm.inner_size")) ?? 0;
        foreach (string suffix in (ReadOnlySpan<string>)["ssm.time_step_rank", "ssm.group_count"])
        {
            string key = model.Key(suffix);
            if (model.UInt32(key) is { } parts && (parts == 0 || inner % parts != 0) && (suffix, model.Architecture) is not ("ssm.group_count", "plamo2"))
                throw model.Fault(key, $"is {parts}, which does not divide ssm.inner_size ({inner}).");
        }
        uint heads = model.UInt32(model.Key("ssm.time_step_rank")) ?? 0, groups = model.UInt32(model.Key("ssm.group_count")) ?? 0;
        if (groups > 0 && heads % groups != 0 && model.Architecture != "plamo2")
            throw model.Fault(model.Key("ssm.group_count"), $"is {groups}, which does not divide ssm.time_step_rank ({heads}).");
    }

    private static void CheckLatentHeads(ModelMetadata model, ModelShape shape)
    {
        string keyName = model.Key("attention.key_length_mla"), valueName = model.Key("attention.value_length_mla");
        uint keyLength = model.UInt32(keyName) ?? 0, valueLength = model.UInt32(valueName) ?? 0;
        if (keyLength == 0 != (valueLength == 0)) throw model.Fault(keyName, $"is {keyLength}, but {valueName} is {valueLength}; both or none must be given.");
        if ((keyLength > 0 ? keyLength : shape.KeyLength) <= shape.Rope)
            throw model.Fault(model.Key("rope.dimension_count"), $"is {shape.Rope}; this family needs a part of each head that is not rotated.");
    }

    private static void CheckSingle(ModelMetadata model, ModelShape shape)
    {
        uint Size(string suffix) => model.UInt32(model.Key(suffix)) ?? 0;
        var (suffix, needed) = model.Architecture switch
        {
            "jamba" or "granitehybrid" => ("ssm.inner_size", 2 * shape.Embedding),
            "rwkv6" or "rwkv7" => ("token_shift_count", 2u),
            "rwkv6qwen2" or "arwkv7" => ("token_shift_count", 1u),
            _ => ("", 0u),
        };
        if (suffix.Length > 0 && Size(suffix) != needed) throw model.Fault(model.Key(suffix), $"is {Size(suffix)}; {needed} is needed.");
        if (model.Architecture is "lfm2" or "lfm2moe" && Size("shortconv.l_cache") < 2)
            throw model.Fault(model.Key("shortconv.l_cache"), $"is {Size("shortconv.l_cache")}; at least 2 is needed.");
        if (Size("wkv.head_size") is > 0 and var head && shape.Embedding % head != 0)
            throw model.Fault(model.Key("wkv.head_size"), $"is {head}, which does not divide embedding_length ({shape.Embedding}).");
        ulong slots = (ulong)Size("hrm.layers_per_stack") * Size("hrm.h_cycles") * (Size("hrm.l_cycles") + 1UL);
        if (model.Architecture == "hrm_text" && slots != (ulong)shape.Layers)
            throw model.Fault(model.Key("block_count"), $"is {shape.Layers}; the cycles of this model make {slots} layers.");
        if (model.Architecture == "nanbeige" && (ulong)shape.Layers * Math.Max(1, Size("num_loops")) > 512)
            throw model.Fault(model.Key("num_loops"), $"is {Size("num_loops")}; with {shape.Layers} layers that makes more than 512.");
        if (Size("n_deepstack_layers") >= shape.Layers)
            throw model.Fault(model.Key("n_deepstack_layers"), $"is {Size("n_deepstack_layers")}; it must be below block_count ({shape.Layers}).");
    }

    private static HashSet<string> Names(string names) => [.. names.Split(' ')];
}
