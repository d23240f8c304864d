using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>A small Mamba model with random weights: its state is one blob a sequence that cannot be cut back.</summary>
public static class TestRecurrentModel
{
    private const int Layers = 2, Embedding = 64, Inner = 128, State = 16, Kernel = 4, Rank = 8, Vocabulary = 320;

    /// <summary>Writes a model file and returns its path.</summary>
    public static string Create(string path, int seed = 1)
    {
        Random random = new(seed);
        GgufWriter writer = Metadata(seed);
        Random("token_embd.weight", 1, Embedding, Vocabulary);
        Random("output.weight", Embedding, Embedding, Vocabulary);
        Constant("output_norm.weight", 1, Embedding);
        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"blk.{layer}.";
            Constant(block + "attn_norm.weight", 1, Embedding);
            Random(block + "ssm_in.weight", Embedding, Embedding, 2 * Inner);
            Random(block + "ssm_conv1d.weight", Kernel, Kernel, Inner);
            Random(block + "ssm_conv1d.bias", Inner, Inner);
            Random(block + "ssm_x.weight", Inner, Inner, Rank + (2 * State));
            Random(block + "ssm_dt.weight", Rank, Rank, Inner);
            Random(block + "ssm_dt.bias", 1, Inner);
            // Negative, so that the state decays.
            Constant(block + "ssm_a", -1, State, Inner);
            Constant(block + "ssm_d", 1, Inner);
            Random(block + "ssm_out.weight", Inner, Inner, Embedding);
        }

        writer.Write(path);
        return path;

        void Constant(string name, float value, params long[] shape) => Add(name, _ => value, shape);

        void Random(string name, int inputs, params long[] shape) => Add(name, _ => MathF.Sqrt(3f / inputs) * ((2 * random.NextSingle()) - 1), shape);

        void Add(string name, Func<int, float> value, long[] shape) =>
            writer.Add(name, GgmlType.F32, shape, Enumerable.Range(0, (int)shape.Aggregate((x, y) => x * y)).Select(value).ToArray());
    }

    private static GgufWriter Metadata(int seed)
    {
        TestVocabulary vocabulary = TestVocabulary.Create(Vocabulary, seed);
        return new GgufWriter().Set("general.architecture", "mamba").Set("general.type", "model").Set("general.name", "test recurrent model")
            .Set("mamba.context_length", 2048u).Set("mamba.embedding_length", (uint)Embedding).Set("mamba.block_count", (uint)Layers)
            .Set("mamba.feed_forward_length", 0u).Set("mamba.attention.head_count", 0u).Set("mamba.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("mamba.ssm.conv_kernel", (uint)Kernel).Set("mamba.ssm.inner_size", (uint)Inner).Set("mamba.ssm.state_size", (uint)State)
            .Set("mamba.ssm.time_step_rank", (uint)Rank).Set("mamba.vocab_size", (uint)Vocabulary)
            .Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "qwen2")
            .Set("tokenizer.ggml.tokens", GgufValue.Array(vocabulary.Tokens)).Set("tokenizer.ggml.token_type", GgufValue.Array(vocabulary.Types))
            .Set("tokenizer.ggml.merges", GgufValue.Array(vocabulary.Merges))
            .Set("tokenizer.ggml.eos_token_id", vocabulary.IdOf(TestVocabulary.ImEnd)).Set("tokenizer.ggml.bos_token_id", vocabulary.IdOf(TestVocabulary.EndOfText))
            .Set("tokenizer.ggml.add_bos_token", false).Set("tokenizer.chat_template", TestModel.ChatTemplate);
    }
}
