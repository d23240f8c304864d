using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>
/// Makes small GGUF models with random weights, so that tests and benchmarks need no downloads. The same shape and seed give the same bytes.
/// </summary>
public static class TestModel
{
    /// <summary>Hermes-style tool calls in ChatML.</summary>
    public const string ChatTemplate =
        """
        {%- if tools %}{{- '<|im_start|>system\n' }}
        {%- if messages[0].role == 'system' %}{{- messages[0].content + '\n\n' }}{%- endif %}
        {{- 'You may call these functions:\n<tools>' }}
        {%- for tool in tools %}{{- '\n' + (tool | tojson) }}{%- endfor %}
        {{- '\n</tools>\nTo call one, answer with its name and arguments as JSON:\n<tool_call>\n{"name": <name>, "arguments": <arguments>}\n</tool_call><|im_end|>\n' }}
        {%- elif messages[0].role == 'system' %}{{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}{%- endif %}
        {%- for message in messages %}
        {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant\n' + (message.content or '') }}
        {%- for call in message.tool_calls or [] %}
        {{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\n' }}
        {%- elif message.role == 'tool' %}
        {{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    /// <summary>Writes a model file and returns its path.</summary>
    public static string Create(string path, TestModelShape? shape = null, int seed = 1)
    {
        Writer(shape ?? new(), seed).Write(path);
        return path;
    }

    /// <summary>The bytes of a model file.</summary>
    public static byte[] CreateBytes(TestModelShape? shape = null, int seed = 1)
    {
        using var stream = new MemoryStream();
        Writer(shape ?? new(), seed).Write(stream);
        return stream.ToArray();
    }

    /// <summary>A writer with the whole model in it, for tests that change something before they write.</summary>
    public static GgufWriter Writer(TestModelShape shape, int seed = 1)
    {
        var writer = new GgufWriter();
        SetMetadata(writer, shape);
        SetTokenizer(writer, shape, seed);
        AddTensors(writer, shape, seed);
        return writer;
    }

    private static void SetMetadata(GgufWriter writer, TestModelShape shape)
    {
        string a = shape.Architecture;
        writer.Set("general.architecture", a).Set("general.type", "model").Set("general.name", "test model").Set("general.license", "apache-2.0")
            .Set($"{a}.context_length", (uint)shape.ContextLength).Set($"{a}.embedding_length", (uint)shape.Embedding)
            .Set($"{a}.block_count", (uint)shape.Layers).Set($"{a}.feed_forward_length", (uint)shape.FeedForward)
            .Set($"{a}.attention.head_count", (uint)shape.Heads).Set($"{a}.attention.head_count_kv", (uint)shape.KvHeads)
            .Set($"{a}.attention.key_length", (uint)shape.HeadLength).Set($"{a}.attention.value_length", (uint)shape.HeadLength)
            .Set($"{a}.rope.dimension_count", (uint)shape.HeadLength).Set($"{a}.rope.freq_base", 10_000f)
            .Set($"{a}.attention.layer_norm_rms_epsilon", 1e-5f).Set($"{a}.vocab_size", (uint)shape.Vocabulary);
        if (shape.Experts > 0) writer.Set($"{a}.expert_count", (uint)shape.Experts).Set($"{a}.expert_used_count", (uint)shape.ExpertsUsed);
    }

    private static void SetTokenizer(GgufWriter writer, TestModelShape shape, int seed)
    {
        var vocabulary = TestVocabulary.Create(shape.Vocabulary, seed);
        writer.Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", shape.PreTokenizer)
            .Set("tokenizer.ggml.tokens", GgufValue.Array(vocabulary.Tokens)).Set("tokenizer.ggml.token_type", GgufValue.Array(vocabulary.Types))
            .Set("tokenizer.ggml.merges", GgufValue.Array(vocabulary.Merges))
            .Set("tokenizer.ggml.bos_token_id", vocabulary.IdOf(TestVocabulary.EndOfText))
            .Set("tokenizer.ggml.eos_token_id", vocabulary.IdOf(TestVocabulary.ImEnd))
            .Set("tokenizer.ggml.eot_token_id", vocabulary.IdOf(TestVocabulary.ImEnd))
            .Set("tokenizer.ggml.padding_token_id", vocabulary.IdOf(TestVocabulary.EndOfText))
            .Set("tokenizer.ggml.add_bos_token", false).Set("tokenizer.chat_template", ChatTemplate);
    }

    private static void AddTensors(GgufWriter writer, TestModelShape shape, int seed)
    {
        long embedding = shape.Embedding;
        bool gemma = IsGemma(shape);
        var weights = new WeightSource(writer, shape.Type, seed);
        // Gemma multiplies embeddings with the root of their width, and they are its output matrix too.
        weights.Matrix("token_embd.weight", gemma ? embedding : 1, embedding, shape.Vocabulary);
        // An output matrix of its own: with tied embeddings a random model only repeats its last token.
        if (!gemma) weights.Matrix("output.weight", embedding, embedding, shape.Vocabulary);
        weights.Ones("output_norm.weight", embedding);
        for (int i = 0; i < shape.Layers; i++)
        {
            string block = $"blk.{i}.";
            weights.Ones(block + "attn_norm.weight", embedding);
            AddAttention(weights, shape, block);
            weights.Ones(block + "ffn_norm.weight", embedding);
            AddFeedForward(weights, shape, block, embedding, shape.FeedForward);
            if (shape.Architecture == "qwen2") AddBiases(weights, block, embedding, shape.HeadLength * shape.KvHeads);
            if (shape.Architecture is "qwen3" or "gemma3") AddHeadNorms(weights, shape, block);
            if (!gemma) continue;
            weights.NearOnes(block + "post_attention_norm.weight", embedding);
            weights.NearOnes(block + "post_ffw_norm.weight", embedding);
        }
    }

    private static bool IsGemma(TestModelShape shape) => shape.Architecture is "gemma2" or "gemma3";

    private static void AddAttention(WeightSource weights, TestModelShape shape, string block)
    {
        long embedding = shape.Embedding, queries = shape.HeadLength * shape.Heads, keys = shape.HeadLength * shape.KvHeads;
        if (shape.Architecture == "phi3")
        {
            weights.Matrix(block + "attn_qkv.weight", embedding, embedding, queries + (2 * keys));
        }
        else
        {
            weights.Matrix(block + "attn_q.weight", embedding, embedding, queries);
            weights.Matrix(block + "attn_k.weight", embedding, embedding, keys);
            weights.Matrix(block + "attn_v.weight", embedding, embedding, keys);
        }

        weights.Matrix(block + "attn_output.weight", queries, queries, embedding);
    }

    private static void AddHeadNorms(WeightSource weights, TestModelShape shape, string block)
    {
        weights.Ones(block + "attn_q_norm.weight", shape.HeadLength);
        weights.Ones(block + "attn_k_norm.weight", shape.HeadLength);
    }

    private static void AddFeedForward(WeightSource weights, TestModelShape shape, string block, long embedding, long feed)
    {
        string ending = shape.Experts > 0 ? "_exps.weight" : ".weight";
        long[] experts = shape.Experts > 0 ? [shape.Experts] : [];
        if (shape.Experts > 0) weights.Vectors(block + "ffn_gate_inp.weight", embedding, shape.Experts);
        if (shape.Architecture == "phi3")
        {
            weights.Matrix(block + "ffn_up.weight", embedding, embedding, 2 * feed);
            weights.Matrix(block + "ffn_down.weight", feed, feed, embedding);
            return;
        }

        weights.Matrix(block + "ffn_gate" + ending, embedding, [embedding, feed, .. experts]);
        weights.Matrix(block + "ffn_up" + ending, embedding, [embedding, feed, .. experts]);
        weights.Matrix(block + "ffn_down" + ending, feed, [feed, embedding, .. experts]);
    }

    private static void AddBiases(WeightSource weights, string block, long embedding, long keys)
    {
        weights.Vectors(block + "attn_q.bias", embedding);
        weights.Vectors(block + "attn_k.bias", keys);
        weights.Vectors(block + "attn_v.bias", keys);
    }

    /// <summary>Uniform numbers, produced while the file is written; a tensor's numbers depend on its place and the seed alone.</summary>
    private sealed class WeightSource(GgufWriter writer, GgmlType type, int seed)
    {
        private const int Chunk = 1 << 16;
        private int tensors;

        internal void Ones(string name, long size) =>
            writer.Add(name, GgmlType.F32, [size], Enumerable.Repeat(1f, (int)size).ToArray());

        internal void NearOnes(string name, long size) =>
            writer.Add(name, GgmlType.F32, [size], Enumerable.Range(0, (int)size).Select(i => 1 + (0.3f * MathF.Sin(i + tensors))).ToArray());

        internal void Vectors(string name, params ReadOnlySpan<long> shape) => Random(name, GgmlType.F32, shape[0], shape);

        /// <summary>Variance 1 / inputs keeps the size of activations from layer to layer.</summary>
        internal void Matrix(string name, long inputs, params ReadOnlySpan<long> shape) => Random(name, type, inputs, shape);

        private void Random(string name, GgmlType stored, long inputs, ReadOnlySpan<long> shape)
        {
            ulong state = ((ulong)(uint)seed << 32) + (ulong)(uint)tensors++;
            float scale = MathF.Sqrt(3f / inputs);
            long elements = 1;
            foreach (long size in shape) elements *= size;
            writer.AddStreamed(name, stored, shape, stream => Write(stream, stored, elements, scale, state));
        }

        private static void Write(Stream stream, GgmlType stored, long elements, float scale, ulong state)
        {
            var values = new float[Math.Min(Chunk, elements)];
            var bytes = new byte[GgmlTypes.Bytes(stored, values.Length)];
            for (long done = 0; done < elements; done += Chunk)
            {
                var part = values.AsSpan(0, (int)Math.Min(Chunk, elements - done));
                foreach (ref float value in part) value = scale * Uniform(ref state);
                var data = bytes.AsSpan(0, (int)GgmlTypes.Bytes(stored, part.Length));
                TensorCodec.Encode(stored, part, data);
                stream.Write(data);
            }
        }

        /// <summary>SplitMix64 (Steele et al. 2014), mapped to −1 … 1.</summary>
        private static float Uniform(ref ulong state)
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) >> 40) / 8_388_608f - 1f;
        }
    }
}
