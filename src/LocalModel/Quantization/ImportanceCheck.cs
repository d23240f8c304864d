using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Quantization;

/// <summary>Finds out whether an importance matrix belongs to a model, before llama.cpp is given both.</summary>
internal static class ImportanceCheck
{
    /// <summary>Checks names and sizes.</summary>
    /// <param name="matrix">The importance matrix.</param>
    /// <param name="tensors">All tensors of the model.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <returns>Matrices of attention and feed-forward that have no entry.</returns>
    /// <exception cref="UserInputException">An entry names no tensor of the model, or has another number of inputs.</exception>
    public static IReadOnlyList<string> Verify(ImportanceMatrix matrix, IReadOnlyDictionary<string, GgufTensorInfo> tensors, string model)
    {
        foreach (ImportanceEntry entry in matrix.Entries.Values)
        {
            if (!tensors.TryGetValue(entry.Tensor, out GgufTensorInfo? tensor))
                throw Fault(matrix, $"has an entry for {entry.Tensor}, which {model} does not have; it was made with another model.");
            long inputs = tensor.Shape[0] * tensor.Shape.Skip(2).Aggregate(1L, (product, size) => product * size);
            if (entry.SquaredSums.Count != inputs)
                throw Fault(matrix, $"has {entry.SquaredSums.Count} inputs for {entry.Tensor}; in {model} the tensor {tensor} has {inputs}. It was made with another model.");
        }

        return [.. tensors.Values.Where(tensor => BlockMatrices.Includes(tensor) && !matrix.Entries.ContainsKey(tensor.Name)).Select(tensor => tensor.Name)];
    }

    /// <summary>Whether a matrix says that it was made with another file than this one: another model, or the same in another type.</summary>
    public static bool IsOfOtherFile(ImportanceMatrix? matrix, GgufFile file) => matrix?.Model is { } model && model != Fingerprint(file);

    /// <summary>What tells a model's file from others.</summary>
    public static string Fingerprint(GgufFile file) => Convert.ToHexStringLower(PromptCacheFile.Fingerprint(file, null, KvType.F16));

    public static UserInputException Fault(ImportanceMatrix matrix, string what) =>
        new("imatrix", $"{(matrix.Path.Length > 0 ? matrix.Path : "The importance matrix")} {what}");
}
