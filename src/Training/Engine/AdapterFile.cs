using System.Runtime.InteropServices;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>Writes and reads LoRA adapters in GGUF, as llama.cpp's <c>llama_adapter_lora_init</c> expects them.</summary>
internal static class AdapterFile
{
    public const string DataSha256Key = "agentkit.data_sha256";
    public const string ObjectiveKey = "agentkit.objective";
    public const string ConfigKey = "agentkit.config";
    public const string MetricsKey = "agentkit.metrics";
    public const string ScoreHeadKey = "agentkit.score_head";
    public const string ValueHeadKey = "agentkit.value_head";

    /// <summary>Writes an adapter without the padding of its rank.</summary>
    public static void Write(string path, LoraAdapter adapter, string architecture, AdapterNotes notes)
    {
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", architecture).Set("adapter.type", "lora")
            .Set("adapter.lora.alpha", (float)adapter.Options.Alpha).Set("general.name", notes.Name)
            .Set("general.base_model.count", 1u).Set(AdapterBase.NameKey, notes.BaseName).Set(AdapterBase.Sha256Key, notes.BaseSha256)
            .Set(DataSha256Key, notes.DataSha256).Set(ObjectiveKey, notes.Objective).Set(ConfigKey, notes.Config).Set(MetricsKey, notes.Metrics);
        int rank = adapter.Options.Rank;
        foreach (LoraMatrix matrix in adapter.Matrices)
        {
            (Range a, Range b) = adapter.Places(matrix);
            writer.Add($"{matrix.Target}.lora_a", GgmlType.F32, [matrix.Inputs, rank], adapter.Values.AsMemory(a)[..(matrix.Inputs * rank)]);
            float[] columns = [.. adapter.Values[b].Chunk(adapter.PaddedRank).SelectMany(row => row.Take(rank))];
            writer.Add($"{matrix.Target}.lora_b", GgmlType.F32, [rank, matrix.Outputs], columns);
        }

        if (adapter.Head != 0) writer.Set(HeadKey(adapter), GgufValue.Array(adapter.HeadValues));
        writer.Write(path);
    }

    /// <summary>Reads an adapter's weights into one of the same shape.</summary>
    /// <exception cref="UserInputException">The shapes differ.</exception>
    public static void Read(GgufFile file, LoraAdapter adapter)
    {
        int rank = adapter.Options.Rank;
        float[] values = new float[adapter.Values.Length];
        adapter.HeadValues.CopyTo(values.AsSpan(values.Length - adapter.HeadValues.Length));
        foreach (LoraMatrix matrix in adapter.Matrices)
        {
            (Range a, Range b) = adapter.Places(matrix);
            Floats(file, $"{matrix.Target}.lora_a", matrix.Inputs, rank).CopyTo(values.AsSpan(a));
            float[] columns = Floats(file, $"{matrix.Target}.lora_b", rank, matrix.Outputs);
            Span<float> target = values.AsSpan(b);
            for (int row = 0; row < matrix.Outputs; row++) columns.AsSpan(row * rank, rank).CopyTo(target[(row * adapter.PaddedRank)..]);
        }

        if (adapter.Head != 0 && file.Metadata.TryGetValue(HeadKey(adapter), out GgufValue? head)) Head(head).CopyTo(values.AsSpan(values.Length - adapter.HeadValues.Length));
        adapter.Replace(values);
    }

    private static float[] Floats(GgufFile file, string name, long size0, long size1)
    {
        GgufTensorInfo tensor = file.FindTensor(name) ?? throw Misfit(file, $"has no {name}");
        return tensor.Shape is [var first, var second] && first == size0 && second == size1
            ? file.ReadFloats(tensor)
            : throw Misfit(file, $"has {name} of shape [{string.Join(", ", tensor.Shape)}]; [{size0}, {size1}] is needed");
    }

    private static string HeadKey(LoraAdapter adapter) => adapter.HeadKind == HeadKind.Value ? ValueHeadKey : ScoreHeadKey;

    private static ReadOnlySpan<float> Head(GgufValue value) => MemoryMarshal.Cast<byte, float>(value.Data);

    private static UserInputException Misfit(GgufFile file, string found) =>
        new("adapter", $"adapter: {file.Path} {found}; training goes on from adapters of one rank whose matrices every layer has.");
}
