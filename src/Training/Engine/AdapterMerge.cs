using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;

namespace AgentKit.Training.Engine;

/// <summary>
/// Writes an adapter into the weights of its model: W + alpha / rank · B·A (Hu et al. 2021, section 4.1). Quantized matrices are restored, changed and quantized again.
/// </summary>
public static class AdapterMerge
{
    /// <summary>How changed matrices can be stored. The types that are missing need an importance matrix, or hold three values a weight at most.</summary>
    public static IReadOnlyList<GgmlType> Types { get; } =
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q6_K, GgmlType.Q5_K, GgmlType.Q5_1, GgmlType.Q5_0, GgmlType.Q4_K, GgmlType.Q4_1, GgmlType.Q4_0,
        GgmlType.IQ4_NL, GgmlType.IQ4_XS, GgmlType.Q3_K, GgmlType.IQ3_S, GgmlType.Q2_K,
    ];

    /// <summary>Writes the merged model. It appears under its name only when it is complete.</summary>
    /// <param name="modelPath">The model the adapter was trained on; the first file of a split one, whose copy is one file.</param>
    /// <param name="adapterPath">A LoRA adapter in GGUF.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="options">Storage type, and what is allowed; the defaults when null.</param>
    /// <param name="progress">Told of each tensor written.</param>
    /// <param name="cancellationToken">Cancels and removes what was written.</param>
    /// <exception cref="UserInputException">
    /// The adapter is not for this model, a matrix cannot be stored as wanted, or the output is an input, exists or lies in no folder.
    /// </exception>
    /// <exception cref="NativeRuntimeException">Matrices are quantized, and the llama.cpp libraries are missing.</exception>
    public static Task<MergeResult> WriteAsync(
        string modelPath, string adapterPath, string output, MergeOptions? options = null, IProgress<MergeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        AdapterInfo info = AdapterInfo.Read(adapterPath);
        GgufFile[] parts = [.. SplitCheck.Verify(new ModelMetadata(ModelFile.OpenChecked(modelPath)))];
        string target = OutputFile.Check(output, [.. parts, info.File], options.Overwrite, "--force (MergeOptions.Overwrite) replaces it");
        return Task.Factory.StartNew(
            () => Run(parts, info, target, options, progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static MergeResult Run(
        GgufFile[] parts, AdapterInfo info, string target, MergeOptions options, IProgress<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        info.Require(parts[0].Path, options.AllowOtherBase, cancellationToken);
        (GgufFile Part, GgufTensorInfo Tensor)[] tensors = [.. parts.SelectMany(part => part.Tensors.Select(tensor => (part, tensor)))];
        CheckTypes([.. tensors.Select(pair => pair.Tensor).Where(IsChanged)], options);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads ?? CpuQuota.UsableCpus, CancellationToken = cancellationToken };
        GgufWriter writer = GgufWriter.WithMetadataOf(parts[0]);
        List<MatrixMerge> changed = [];
        long total = tensors.Sum(pair => Stored(pair.Tensor).Bytes), done = 0;
        foreach ((GgufFile part, GgufTensorInfo tensor) in tensors)
        {
            GgufTensorInfo stored = Stored(tensor);
            var copy = IsChanged(tensor) ? new MatrixMerge(part, tensor, stored.Type, info, parallel) : null;
            if (copy is not null) changed.Add(copy);
            writer.AddStreamed(stored.Name, stored.Type, [.. stored.Shape], stream =>
            {
                if (copy is not null) copy.Write(stream);
                else part.CopyTensor(tensor, stream, cancellationToken);
                done += stored.Bytes;
                progress?.Report(new(stored.Name, done, total));
            });
        }

        writer.Write(target);
        double change = changed.Sum(matrix => matrix.SquaredChange);
        return new(target, changed.Count, new FileInfo(target).Length, change == 0 ? 0 : Math.Sqrt(changed.Sum(matrix => matrix.SquaredError) / change));

        bool IsChanged(GgufTensorInfo tensor) => info.File.FindTensor(tensor.Name + ".lora_a") is not null;
        GgufTensorInfo Stored(GgufTensorInfo tensor) => options.Type is { } type && IsChanged(tensor) ? new(tensor.Name, type, tensor.Shape, 0) : tensor;
    }

    private static void CheckTypes(GgufTensorInfo[] changed, MergeOptions options)
    {
        string others = string.Join(", ", Types);
        if (options.Type is { } wanted && !Types.Contains(wanted)) throw new UserInputException("type", $"The type is {wanted}; {others} are allowed.");
        if (changed.Any(weight => GgmlTypes.IsQuantized(options.Type ?? weight.Type) || GgmlTypes.IsQuantized(weight.Type)) && NativeRuntime.Probe().Fault is { } fault)
            throw new NativeRuntimeException(fault);
        foreach (GgufTensorInfo weight in changed)
        {
            if (!BlockCodec.CanDecode(weight.Type)) throw new UserInputException("model", $"{weight} cannot be read as floats; serve the adapter beside the model instead.");
            GgmlType type = options.Type ?? weight.Type;
            if (!Types.Contains(type))
            {
                throw new UserInputException(
                    "type", $"{weight.Name} is stored as {type}, in which it cannot be stored anew without an importance matrix. Store the changed matrices as another type "
                    + $"with --type (MergeOptions.Type; {others}), or serve the adapter beside the model.");
            }

            int block = GgmlTypes.Block(type)!.Value.Elements;
            if (weight.Shape[0] % block != 0)
                throw new UserInputException("type", $"{weight.Name} has rows of {weight.Shape[0]}, which do not divide into the blocks of {block} that {type} has.");
        }
    }
}
