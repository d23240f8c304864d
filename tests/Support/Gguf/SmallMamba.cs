namespace AgentKit.Tests.Support.Gguf;

/// <summary>A generated model without attention: all of its memory is recurrent state.</summary>
internal static class SmallMamba
{
    private const ulong Embedding = 64, Inner = 128, State = 16, Convolution = 4, Rank = 4;
    private const int Layers = 8;

    public static string Create(string path)
    {
        var model = RawGguf.Parse(TestModel.CreateBytes(new() { Layers = Layers, ContextLength = 4096 }));
        foreach (var entry in model.Entries) entry.Key = entry.Key.Replace("llama.", "mamba.", StringComparison.Ordinal);
        model.Set("general.architecture", "mamba");
        foreach (var (key, value) in ((string, uint)[])[("ssm.conv_kernel", (uint)Convolution), ("ssm.inner_size", (uint)Inner),
            ("ssm.state_size", (uint)State), ("ssm.time_step_rank", (uint)Rank), ("attention.head_count", 0), ("attention.head_count_kv", 0)])
            model.Set($"mamba.{key}", value);
        model.Entries.RemoveAll(entry => entry.Key is "mamba.attention.key_length" or "mamba.attention.value_length" or "mamba.rope.dimension_count");
        model.Tensors.RemoveAll(tensor => tensor.Name.StartsWith("blk.", StringComparison.Ordinal));
        for (int layer = 0; layer < Layers; layer++)
        {
            Add(model, layer, "attn_norm.weight", Embedding);
            Add(model, layer, "ssm_in.weight", Embedding, 2 * Inner);
            Add(model, layer, "ssm_conv1d.weight", Convolution, Inner);
            Add(model, layer, "ssm_conv1d.bias", Inner);
            Add(model, layer, "ssm_x.weight", Inner, Rank + (2 * State));
            Add(model, layer, "ssm_dt.weight", Rank, Inner);
            Add(model, layer, "ssm_dt.bias", Inner);
            Add(model, layer, "ssm_a", State, Inner);
            Add(model, layer, "ssm_d", Inner);
            Add(model, layer, "ssm_out.weight", Inner, Embedding);
        }

        model.Relayout(new Random(1), 1 << 28);
        File.WriteAllBytes(path, model.ToBytes());
        return path;
    }

    private static void Add(RawGguf model, int layer, string name, params ulong[] dims) =>
        model.Tensors.Add(new RawGguf.Tensor { Name = $"blk.{layer}.{name}", Dims = dims });
}
