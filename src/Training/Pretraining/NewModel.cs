using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Training.Engine;
using AgentKit.Training.Tokenization;

namespace AgentKit.Training.Pretraining;

/// <summary>
/// Writes an untrained model: matrices drawn from N(0, 0.02²), those that write to the residual stream divided by √(2·layers) (Radford et al. 2019,
/// section 2.3), norms of one.
/// </summary>
public static class NewModel
{
    private const double Deviation = 0.02;
    private const float RopeBase = 10_000;
    private const float NormEpsilon = 1e-5f;

    /// <summary>The format of conversations that the vocabulary's special tokens are for.</summary>
    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>Writes the model with a vocabulary of its own.</summary>
    /// <param name="path">The GGUF file; replaced if it exists.</param>
    /// <param name="name">What the model is called.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="vocabulary">Its tokens.</param>
    /// <param name="seed">Of the weights.</param>
    /// <exception cref="UserInputException">The sizes do not fit each other.</exception>
    public static void Write(string path, string name, ModelSizes shape, BpeVocabulary vocabulary, int seed) => Write(path, name, shape, vocabulary, seed, default);

    /// <summary>Writes the model with the vocabulary of another.</summary>
    /// <param name="path">The GGUF file; replaced if it exists.</param>
    /// <param name="name">What the model is called.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="tokenizer">A GGUF file with the tokens to use.</param>
    /// <param name="seed">Of the weights.</param>
    /// <exception cref="UserInputException">The sizes do not fit each other.</exception>
    public static void Write(string path, string name, ModelSizes shape, GgufFile tokenizer, int seed) => Write(path, name, shape, tokenizer, seed, default);

    internal static void Write(string path, string name, ModelSizes shape, BpeVocabulary vocabulary, int seed, NewModelKeys keys)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Write(path, name, shape, vocabulary.Count, seed, keys, writer =>
        {
            vocabulary.AddTo(writer);
            if (vocabulary.Special.Contains("<|im_start|>") && vocabulary.Special.Contains("<|im_end|>")) writer.Set("tokenizer.chat_template", ChatTemplate);
        });
    }

    internal static void Write(string path, string name, ModelSizes shape, GgufFile tokenizer, int seed, NewModelKeys keys)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        int count = tokenizer.Metadata["tokenizer.ggml.tokens"].Count;
        Write(path, name, shape, count, seed, keys, writer =>
        {
            foreach ((string key, GgufValue value) in tokenizer.Metadata.Where(pair => pair.Key.StartsWith("tokenizer.", StringComparison.Ordinal))) writer.Set(key, value);
        });
    }

    private static void Write(string path, string name, ModelSizes shape, int vocabulary, int seed, NewModelKeys keys, Action<GgufWriter> addVocabulary)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Misfit is { } misfit) throw new UserInputException("model", $"model: {misfit}.");
        var writer = new GgufWriter();
        SetSizes(writer, name, shape, vocabulary);
        addVocabulary(writer);
        keys.AddTo(writer);
        AddTensors(new Weights(writer, new Random(seed)), shape, vocabulary);
        writer.Write(path);
    }

    private static void SetSizes(GgufWriter writer, string name, ModelSizes shape, int vocabulary)
    {
        string a = shape.Architecture;
        writer.Set("general.architecture", a).Set("general.type", "model").Set("general.name", name).Set("general.file_type", 0u)
            .Set($"{a}.context_length", (uint)shape.Context).Set($"{a}.embedding_length", (uint)shape.Embedding)
            .Set($"{a}.block_count", (uint)shape.Layers).Set($"{a}.feed_forward_length", (uint)shape.FeedForward)
            .Set($"{a}.attention.head_count", (uint)shape.Heads).Set($"{a}.attention.head_count_kv", (uint)shape.KvHeads)
            .Set($"{a}.attention.key_length", (uint)shape.HeadLength).Set($"{a}.attention.value_length", (uint)shape.HeadLength)
            .Set($"{a}.rope.dimension_count", (uint)shape.HeadLength).Set($"{a}.rope.freq_base", RopeBase)
            .Set($"{a}.attention.layer_norm_rms_epsilon", NormEpsilon).Set($"{a}.vocab_size", (uint)vocabulary);
    }

    private static void AddTensors(Weights weights, ModelSizes shape, int vocabulary)
    {
        long width = shape.Embedding, keys = (long)shape.HeadLength * shape.KvHeads;
        double toResidual = Deviation / Math.Sqrt(2 * shape.Layers);
        weights.Matrix("token_embd.weight", Deviation, width, vocabulary);
        if (!shape.TiedEmbeddings) weights.Matrix("output.weight", Deviation, width, vocabulary);
        weights.Ones("output_norm.weight", width);
        for (int i = 0; i < shape.Layers; i++)
        {
            string block = $"blk.{i}.";
            weights.Ones(block + "attn_norm.weight", width);
            weights.Matrix(block + "attn_q.weight", Deviation, width, width);
            weights.Matrix(block + "attn_k.weight", Deviation, width, keys);
            weights.Matrix(block + "attn_v.weight", Deviation, width, keys);
            weights.Matrix(block + "attn_output.weight", toResidual, width, width);
            weights.Ones(block + "ffn_norm.weight", width);
            weights.Matrix(block + "ffn_gate.weight", Deviation, width, shape.FeedForward);
            weights.Matrix(block + "ffn_up.weight", Deviation, width, shape.FeedForward);
            weights.Matrix(block + "ffn_down.weight", toResidual, shape.FeedForward, width);
            if (shape.Architecture != "qwen3") continue;
            weights.Ones(block + "attn_q_norm.weight", shape.HeadLength);
            weights.Ones(block + "attn_k_norm.weight", shape.HeadLength);
        }
    }

    private sealed class Weights(GgufWriter writer, Random random)
    {
        public void Matrix(string name, double deviation, long inputs, long outputs)
        {
            var values = new float[checked(inputs * outputs)];
            foreach (ref float value in values.AsSpan()) value = (float)(deviation * random.NextNormal());
            writer.Add(name, GgmlType.F32, [inputs, outputs], values);
        }

        public void Ones(string name, long count)
        {
            var values = new float[count];
            Array.Fill(values, 1);
            writer.Add(name, GgmlType.F32, [count], values);
        }
    }
}
