namespace AgentKit.Tests.Support.Gguf;

/// <summary>A generated model most of whose layers see a sliding window only.</summary>
internal static class WindowedModel
{
    /// <summary>Cohere2 has the tensors of a plain model, without output matrix and second norm.</summary>
    public static string Create(string path, string architecture, uint window, uint period = 4)
    {
        var plain = RawGguf.Parse(TestModel.CreateBytes(new() { Embedding = 128, Heads = 4, KvHeads = 2, Layers = 8, ContextLength = 65_536 }));
        foreach (var entry in plain.Entries) entry.Key = entry.Key.Replace("llama.", $"{architecture}.", StringComparison.Ordinal);
        plain.Set("general.architecture", architecture);
        plain.Set($"{architecture}.attention.sliding_window", window);
        plain.Set($"{architecture}.attention.sliding_window_pattern", period);
        plain.Set($"{architecture}.attention.layer_norm_epsilon", 1e-5f);
        plain.Set($"{architecture}.logit_scale", 1f);
        plain.Tensors.RemoveAll(tensor => tensor.Name == "output.weight" || tensor.Name.EndsWith("ffn_norm.weight", StringComparison.Ordinal));
        plain.Relayout(new Random(1), 1 << 28);
        File.WriteAllBytes(path, plain.ToBytes());
        return path;
    }
}
