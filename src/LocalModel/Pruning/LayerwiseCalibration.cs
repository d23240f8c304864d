using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;
using AgentKit.Models.Quantization;

namespace AgentKit.Models.Pruning;

/// <summary>
/// Activations as WANDA wants them (Sun et al. 2023, section 3): those of a block are taken after the blocks before it have been pruned. The pruned
/// weights are written into the loaded model's memory, and reading stops at the block in question, so that half the model is read on average.
/// </summary>
internal sealed unsafe class LayerwiseCalibration(GgufFile file, IReadOnlyList<(GgufFile Part, GgufTensorInfo Tensor)> matrices, MatrixPruner pruner, PruneOptions options)
{
    /// <summary>Tokens that were read for each block.</summary>
    public long Tokens { get; private set; }

    /// <summary>The sums of each matrix's inputs.</summary>
    /// <exception cref="UserInputException">The text is too short, or the model does not compute with one of the matrices.</exception>
    public IReadOnlyDictionary<string, ImportanceEntry> Collect(IProgress<PruneProgress>? progress, CancellationToken cancellationToken)
    {
        HashSet<string> names = [.. matrices.Select(matrix => matrix.Tensor.Name)];
        ImportanceOptions calibration = options.Calibration;
        using var reader = new CalibrationReader(file, calibration.ChunkLength, calibration.Threads, names.Contains, writable: true);
        int[][] chunks = reader.Chunks(options.Text!, calibration.ParseSpecial, calibration.ChunkLength, calibration.Chunks, out _);
        Tokens = chunks.Length * (long)calibration.ChunkLength;
        // The first chunk tells in which order the matrices are computed with.
        reader.Read(chunks[0], cancellationToken);
        string[] order = [.. reader.Nodes.Order];
        if (names.Except(order).FirstOrDefault() is { } unused)
            throw new UserInputException("IN", $"IN: {file.Name} computes nothing with {unused}; WANDA cannot weigh it.");

        var entries = new Dictionary<string, ImportanceEntry>(StringComparer.Ordinal);
        int[] blocks = [.. names.Select(BlockMatrices.BlockOf).Distinct().Order()];
        for (int b = 0; b < blocks.Length; b++)
        {
            reader.Nodes.Sums.Clear();
            reader.Nodes.StopAfter = order.Last(name => BlockMatrices.BlockOf(name) == blocks[b]);
            for (int i = 0; i < chunks.Length; i++)
            {
                reader.Read(chunks[i], cancellationToken);
                progress?.Report(new("reading", (b * Tokens) + ((i + 1L) * calibration.ChunkLength), blocks.Length * Tokens));
            }

            IReadOnlyDictionary<string, ImportanceEntry> seen = reader.Nodes.Sums.Entries();
            foreach ((GgufFile part, GgufTensorInfo tensor) in matrices.Where(matrix => BlockMatrices.BlockOf(matrix.Tensor.Name) == blocks[b]))
            {
                entries.Add(tensor.Name, seen[tensor.Name]);
                Overwrite(reader.Nodes.Weight(tensor.Name), part, tensor, seen[tensor.Name], cancellationToken);
            }
        }

        return entries;
    }

    private void Overwrite(GgmlTensor* weights, GgufFile part, GgufTensorInfo tensor, ImportanceEntry activations, CancellationToken cancellationToken)
    {
        if (weights is null || (long)GgmlApi.TensorBytes(weights) != tensor.Bytes || weights->Type != (int)tensor.Type)
            throw new NativeRuntimeException($"llama.cpp does not keep {tensor} in memory as the file has it; prune with an importance matrix (--imatrix) instead.");
        pruner.Prune(
            part,
            tensor,
            activations,
            (bytes, at) =>
            {
                fixed (byte* source = bytes) GgmlApi.TensorSet(weights, source, (nuint)at, (nuint)bytes.Length);
            },
            cancellationToken);
    }
}
