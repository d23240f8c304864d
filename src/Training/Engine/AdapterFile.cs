using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>Writes and reads LoRA adapters in GGUF, as llama.cpp's <c>llama_adapter_lora_init</c> expects them.</summary>
internal static class AdapterFile
{
    public const string BaseSha256Key = "agentkit.base_sha256";
    public const string BaseNameKey = "general.base_model.0.name";
    public const string DataSha256Key = "agentkit.data_sha256";
    public const string ObjectiveKey = "agentkit.objective";
    public const string ConfigKey = "agentkit.config";
    public const string MetricsKey = "agentkit.metrics";

    /// <summary>Writes an adapter without the padding of its rank.</summary>
    public static void Write(string path, LoraAdapter adapter, string architecture, AdapterNotes notes)
    {
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", architecture).Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", (float)adapter.Options.Alpha).Set("general.name", notes.Name)
            .Set("general.base_model.count", 1u).Set(BaseNameKey, notes.BaseName).Set(BaseSha256Key, notes.BaseSha256)
            .Set(DataSha256Key, notes.DataSha256).Set(ObjectiveKey, notes.Objective).Set(ConfigKey, notes.Config).Set(MetricsKey, notes.Metrics);
        int rank = adapter.Options.Rank;
        foreach (LoraMatrix matrix in adapter.Matrices)
        {
            (Range a, Range b) = adapter.Places(matrix);
            writer.Add($"{matrix.Target}.lora_a", GgmlType.F32, [matrix.Inputs, rank], adapter.Values.AsMemory(a)[..(matrix.Inputs * rank)]);
            float[] columns = [.. adapter.Values[b].Chunk(adapter.PaddedRank).SelectMany(row => row.Take(rank))];
            writer.Add($"{matrix.Target}.lora_b", GgmlType.F32, [rank, matrix.Outputs], columns);
        }

        writer.Write(path);
    }
}
