using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>Refuses LoRA adapter files on which llama.cpp would stop the process, or which belong to another model.</summary>
internal static class AdapterCheck
{
    private const string A = ".lora_a";
    private const string B = ".lora_b";
    private const string Embedding = "token_embd.weight";

    /// <param name="adapter">The adapter's file.</param>
    /// <param name="model">The model's file; of a split model the first.</param>
    /// <exception cref="UserInputException">It is not an adapter for this model.</exception>
    public static void Verify(GgufFile adapter, GgufFile model)
    {
        Expect(adapter, "general.type", "adapter");
        Expect(adapter, "adapter.type", "lora");
        Expect(adapter, "general.architecture", model.FindString("general.architecture") ?? "");
        if (!adapter.Metadata.TryGetValue("adapter.lora.alpha", out GgufValue? alpha) || alpha.Type != GgufValueType.Float32 || !double.IsFinite(alpha.AsNumber()))
        {
            throw Fault(adapter, "adapter.lora.alpha", $"is {(alpha is null ? "missing" : alpha)}; a finite float32 is needed");
        }

        if (adapter.Tensors.Count == 0)
        {
            throw Fault(adapter, "tensors", "are missing: there is nothing to apply");
        }

        Dictionary<string, GgufTensorInfo> weights = SplitCheck.Verify(new ModelMetadata(model)).SelectMany(part => part.Tensors).ToDictionary(tensor => tensor.Name);
        foreach (GgufTensorInfo tensor in adapter.Tensors.Where(tensor => !tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal)))
        {
            VerifyTensor(adapter, tensor, weights);
        }
    }

    private static void VerifyTensor(GgufFile adapter, GgufTensorInfo tensor, Dictionary<string, GgufTensorInfo> weights)
    {
        bool isA = tensor.Name.EndsWith(A, StringComparison.Ordinal);
        if (!isA && !tensor.Name.EndsWith(B, StringComparison.Ordinal))
        {
            throw Fault(adapter, tensor.Name, $"has another ending than {A} and {B}");
        }

        if (tensor.Type is not (GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 or GgmlType.Q8_0))
        {
            throw Fault(adapter, tensor.Name, $"is stored as {tensor.Type}; F32, F16, BF16 and Q8_0 can be applied");
        }

        string target = tensor.Name[..^A.Length];
        GgufTensorInfo other = adapter.FindTensor(target + (isA ? B : A))
            ?? throw Fault(adapter, tensor.Name, $"has no {target}{(isA ? B : A)} beside it");
        GgufTensorInfo weight = weights.GetValueOrDefault(target) ?? throw Fault(adapter, tensor.Name, $"changes {target}, which this model does not have");
        VerifyShapes(adapter, target, isA ? tensor : other, isA ? other : tensor, weight);
        // llama.cpp finds matrices by name, would put this one on the output too, and stop the process at sizes that do not fit.
        if (target == Embedding && !weights.ContainsKey("output.weight"))
            throw Fault(adapter, tensor.Name, $"changes {target}, which is also this model's output matrix; llama.cpp cannot apply that");
    }

    private static void VerifyShapes(GgufFile adapter, string target, GgufTensorInfo a, GgufTensorInfo b, GgufTensorInfo weight)
    {
        bool embedding = target == Embedding;
        bool fits = a.Shape.Count == weight.Shape.Count && b.Shape.Count == weight.Shape.Count && weight.Shape.Count is 2 or 3
            && a.Shape.Skip(2).SequenceEqual(weight.Shape.Skip(2)) && b.Shape.Skip(2).SequenceEqual(weight.Shape.Skip(2))
            && (embedding
                ? a.Shape[1] == weight.Shape[1] && b.Shape[1] == weight.Shape[0] && a.Shape[0] == b.Shape[0]
                : a.Shape[0] == weight.Shape[0] && b.Shape[1] == weight.Shape[1] && a.Shape[1] == b.Shape[0]);
        if (!fits)
        {
            throw Fault(adapter, target, $"does not fit: {a} and {b} for the model's {weight}");
        }
    }

    private static void Expect(GgufFile adapter, string key, string expected)
    {
        string? found = adapter.FindString(key);
        if (found != expected)
        {
            throw Fault(adapter, key, $"is {(found is null ? "missing" : $"'{found}'")}; a LoRA adapter for this model has '{expected}'");
        }
    }

    private static UserInputException Fault(GgufFile adapter, string field, string what) => new(field, $"{adapter.Name}: {field} {what}.");
}
