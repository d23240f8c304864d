using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>What holds for the tensors of every family: their places in the file, and types the CPU backend can compute with.</summary>
internal static class TensorCheck
{
    // The CPU backend asserts that weights mapped from the file start at multiples of this.
    private const int NativeAlignment = 32;

    internal static void Verify(ModelMetadata model, IReadOnlyList<GgufFile> parts)
    {
        if (parts.All(p => p.Tensors.Count == 0)) throw model.Fault("tensor_count", "is 0; the file has metadata but no weights.");
        VerifyLayout(model.File);
        foreach (var file in parts)
            for (int i = 0; i < file.Tensors.Count; i++) CheckType(file, i);
        CheckTiedOutput(model, parts);
    }

    /// <summary>llama.cpp wants the tensors in file order without gaps, and their data at native alignment.</summary>
    internal static void VerifyLayout(GgufFile file)
    {
        long expected = 0;
        for (int i = 0; i < file.Tensors.Count; i++)
        {
            var tensor = file.Tensors[i];
            string field = Field(file, i) + ".offset";
            if (tensor.Offset != expected)
                throw GgufReader.Fault(file.Name, field, $"is {tensor.Offset}; tensors must follow one another in order, so {expected} is needed.");
            if ((file.DataOffset + tensor.Offset) % NativeAlignment != 0)
                throw GgufReader.Fault(file.Name, field, $"puts the data at byte {file.DataOffset + tensor.Offset}, which is not a multiple of " +
                    $"{NativeAlignment}; general.alignment is {file.Alignment}.");
            expected += (tensor.Bytes + file.Alignment - 1) / file.Alignment * file.Alignment;
        }
    }

    private static void CheckType(GgufFile file, int index)
    {
        var tensor = file.Tensors[index];
        // Vectors are added and multiplied element by element, for which the second operand must be f32; index tables are i32.
        bool vector = tensor.Elements == tensor.Shape[0];
        bool usable = tensor.Type == GgmlType.I32 || (vector ? tensor.Type == GgmlType.F32 : GgmlTypes.CanMultiply(tensor.Type));
        if (!usable) throw Unusable(file, index, vector ? "vectors must be F32" : "llama.cpp cannot multiply by such a matrix");
    }

    internal static UserInputException Unusable(GgufFile file, int index, string why) =>
        GgufReader.Fault(file.Name, Field(file, index) + ".type", $"is {file.Tensors[index].Type}; {why}.");

    /// <summary>Projections of families with equal layers make as many rows as the heads take; llama.cpp asserts it only while it computes.</summary>
    internal static void VerifyProjections(ModelMetadata model, IReadOnlyList<GgufFile> parts, ModelShape shape)
    {
        if (!ArchitectureCheck.HasEqualLayers(model.Architecture)) return;
        long queries = (long)shape.Heads[0] * shape.KeyLength, keys = (long)shape.KvHeads[0] * shape.KeyLength, values = (long)shape.KvHeads[0] * shape.ValueLength;
        foreach (var file in parts)
        {
            for (int i = 0; i < file.Tensors.Count; i++)
            {
                var tensor = file.Tensors[i];
                if (!tensor.Name.StartsWith("blk.", StringComparison.Ordinal) || tensor.Shape.Count < 2) continue;
                long rows = tensor.Name[(tensor.Name.IndexOf('.', 4) + 1)..] switch
                {
                    "attn_q.weight" => queries,
                    "attn_k.weight" => keys,
                    "attn_v.weight" => values,
                    "attn_qkv.weight" => queries + keys + values,
                    _ => tensor.Shape[1],
                };
                if (tensor.Shape[1] != rows) throw GgufReader.Fault(file.Name, Field(file, i) + ".dims[1]", $"is {tensor.Shape[1]}; the heads take {rows}.");
            }
        }
    }

    private static void CheckTiedOutput(ModelMetadata model, IReadOnlyList<GgufFile> parts)
    {
        GgufTensorInfo? Find(string name) => parts.Select(p => p.FindTensor(name)).FirstOrDefault(t => t is not null);
        if (Find("output.weight") is null && Find("token_embd.weight")?.Type == GgmlType.NVFP4 && (Find("output.scale") ?? Find("output.input_scale")) is { } scale)
            throw model.Fault($"\"{scale.Name}\"", "needs an output.weight beside it when token_embd.weight is NVFP4.");
    }

    internal static string Field(GgufFile file, int index) => $"tensors[{index}] \"{file.Tensors[index].Name}\"";
}
