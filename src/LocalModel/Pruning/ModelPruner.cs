using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;

namespace AgentKit.Models.Pruning;

/// <summary>
/// Sets weights of attention and feed-forward matrices to zero, by WANDA (Sun et al. 2023, arXiv:2306.11695) or by magnitude. llama.cpp computes with
/// zeros as with other numbers: a pruned file is neither smaller nor faster; it shows what a model can lose, and compresses well.
/// </summary>
public static class ModelPruner
{
    private const int ConvertedBytes = 1 << 22;

    private static readonly GgmlType[] StorageTypes = [GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0];

    /// <summary>Writes a pruned copy of a model. It appears under its name only when it is complete and checked.</summary>
    /// <param name="input">A GGUF file; the first one of a split model, whose copy is one file.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="options">Method, pattern, and what WANDA judges by.</param>
    /// <param name="progress">Told of each chunk read and each tensor written.</param>
    /// <param name="cancellationToken">Cancels and removes what was written.</param>
    /// <exception cref="UserInputException">
    /// The model, the text or the importance matrix cannot be used, a matrix is stored without exact zeros or its rows do not divide into groups, or the
    /// output exists or cannot be written.
    /// </exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or failed.</exception>
    public static Task<PruneResult> PruneAsync(
        string input, string output, PruneOptions options, IProgress<PruneProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckSources(options);
        GgufFile file = ModelFile.OpenChecked(input);
        GgufFile[] parts = [.. SplitCheck.Verify(new ModelMetadata(file))];
        string target = OutputFile.Check(output, parts, options.Overwrite, "--force (PruneOptions.Overwrite) replaces it");
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);
        CheckMatrices(parts, options);
        return Task.Factory.StartNew(
            () => Run(parts, target, options, progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static void CheckSources(PruneOptions options)
    {
        bool wanda = options.Method == PruneMethod.Wanda;
        int sources = (options.Text is null ? 0 : 1) + (options.Importance is null ? 0 : 1);
        if (sources != (wanda ? 1 : 0))
        {
            throw new UserInputException("method", wanda
                ? "WANDA judges weights by activations: give either a calibration text (--text) or an importance matrix (--imatrix)."
                : "Magnitude pruning looks at weights alone: leave out the calibration text (--text) and the importance matrix (--imatrix).");
        }

        if (options.Text is { } text && string.IsNullOrWhiteSpace(text))
            throw new UserInputException("text", "The calibration text is empty; text like that which the model will see is expected.");
        if (options.Type is { } type && !StorageTypes.Contains(type))
            throw new UserInputException("type", $"The type is {type}; {string.Join(", ", StorageTypes)} are allowed.");
    }

    private static (GgufFile Part, GgufTensorInfo Tensor)[] Matrices(IEnumerable<GgufFile> parts) =>
        [.. parts.SelectMany(part => part.Tensors.Where(BlockMatrices.Includes).Select(tensor => (part, tensor)))];

    private static void CheckMatrices(GgufFile[] parts, PruneOptions options)
    {
        (GgufFile Part, GgufTensorInfo Tensor)[] matrices = Matrices(parts);
        if (matrices.Length == 0) throw new UserInputException("IN", $"IN: {parts[0].Name} has no matrix named blk.N.attn_… or blk.N.ffn_…; there is nothing to prune.");
        foreach ((_, GgufTensorInfo tensor) in matrices)
        {
            if (options.Type is null && !BlockCodec.KeepsZeros(tensor.Type))
            {
                throw new UserInputException(
                    "type", $"{tensor.Name} is stored as {tensor.Type}, which has no exact zero; store the pruned matrices as another type with --type "
                    + $"({string.Join(", ", StorageTypes)}).");
            }

            if (!BlockCodec.CanDecode(tensor.Type)) throw new UserInputException("IN", $"IN: {tensor} cannot be read as floats.");
            if (options.Pattern.Group > 0 && tensor.Shape[0] % options.Pattern.Group != 0)
                throw new UserInputException("pattern", $"{tensor.Name} has {tensor.Shape[0]} inputs, which do not divide into groups of {options.Pattern.Group}.");
            if (options.Type is { } type && GgmlTypes.Block(type)!.Value.Elements is var block && tensor.Shape[0] % block != 0)
                throw new UserInputException("type", $"{tensor.Name} has {tensor.Shape[0]} inputs, which do not divide into the blocks of {block} that {type} has.");
        }

        if (options.Importance is not { } matrix) return;
        IReadOnlyList<string> missing = ImportanceCheck.Verify(matrix, parts.SelectMany(part => part.Tensors).ToDictionary(tensor => tensor.Name), parts[0].Name);
        if (missing.Count > 0) throw ImportanceCheck.Fault(matrix, $"has no entry for {missing[0]}{(missing.Count > 1 ? $" and {missing.Count - 1} more" : "")}.");
    }

    private static PruneResult Run(
        GgufFile[] parts, string target, PruneOptions options, IProgress<PruneProgress>? progress, CancellationToken cancellationToken)
    {
        string converted = $"{target}.{Path.GetRandomFileName()}.partial", partial = $"{target}.{Path.GetRandomFileName()}.partial";
        try
        {
            GgufFile[] source = parts;
            if (options.Type is { } type && Matrices(parts).Any(matrix => matrix.Tensor.Type != type))
            {
                Writer(parts, tensor => type, (part, tensor, stream) => Convert(part, tensor, type, stream, cancellationToken), options, cancellationToken).Write(converted);
                source = [GgufFile.Open(converted)];
            }

            Calibrated calibrated = Calibrate(source, options, progress, cancellationToken);
            Write(source, partial, options, calibrated, progress, cancellationToken);
            var sparsity = WeightSparsity.Measure(partial, progress, cancellationToken);
            File.Move(partial, target, options.Overwrite);
            return new(
                target, sparsity, parts.Sum(part => part.FileBytes), new FileInfo(target).Length, calibrated.Kind, calibrated.Hash, calibrated.Tokens,
                [.. calibrated.Entries.Values.Where(entry => entry.Counts.Contains(0)).Select(entry => entry.Tensor)])
            {
                ImportanceOfOtherFile = ImportanceCheck.IsOfOtherFile(options.Importance, parts[0]),
            };
        }
        finally
        {
            File.Delete(converted);
            File.Delete(partial);
        }
    }

    private static Calibrated Calibrate(GgufFile[] source, PruneOptions options, IProgress<PruneProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.Importance is { } matrix) return new("dense", matrix.Entries, matrix.TextSha256, (long)matrix.Chunks * matrix.ChunkLength);
        if (options.Text is not { } text) return new("none", new Dictionary<string, ImportanceEntry>(), null, 0);
        var calibration = new LayerwiseCalibration(source[0], Matrices(source), new(options), options);
        IReadOnlyDictionary<string, ImportanceEntry> entries = calibration.Collect(progress, cancellationToken);
        return new("layerwise", entries, System.Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), calibration.Tokens);
    }

    private static void Write(
        GgufFile[] source, string path, PruneOptions options, Calibrated calibrated, IProgress<PruneProgress>? progress, CancellationToken cancellationToken)
    {
        var pruner = new MatrixPruner(options);
        int total = Matrices(source).Length, done = 0;
        GgufWriter writer = Writer(
            source,
            tensor => tensor.Type,
            (part, tensor, stream) =>
            {
                pruner.Prune(part, tensor, calibrated.Entries.GetValueOrDefault(tensor.Name), (bytes, _) => stream.Write(bytes), cancellationToken);
                progress?.Report(new("writing", ++done, total));
            },
            options,
            cancellationToken);
        writer.Set("agentkit.prune.method", options.Method.ToString().ToLowerInvariant()).Set("agentkit.prune.pattern", options.Pattern.ToString())
            .Set("agentkit.prune.sparsity", (float)options.Pattern.Sparsity).Set("agentkit.prune.activations", calibrated.Kind)
            .Set("agentkit.prune.calibration_tokens", (ulong)calibrated.Tokens);
        if (calibrated.Hash is { } hash) writer.Set("agentkit.prune.calibration_sha256", hash);
        writer.Write(path);
    }

    /// <summary>A writer of the model as one file, whose matrices are produced by <paramref name="write"/>; everything else is copied.</summary>
    private static GgufWriter Writer(
        GgufFile[] parts, Func<GgufTensorInfo, GgmlType> typeOf, Action<GgufFile, GgufTensorInfo, Stream> write, PruneOptions options,
        CancellationToken cancellationToken)
    {
        GgufWriter writer = GgufWriter.WithMetadataOf(parts[0]);
        if (options.Type is { } stored) writer.Set("general.file_type", (uint)QuantizationType.Parse(stored.ToString()));
        foreach ((GgufFile part, GgufTensorInfo tensor) in parts.SelectMany(part => part.Tensors.Select(tensor => (part, tensor))))
        {
            if (BlockMatrices.Includes(tensor)) writer.AddStreamed(tensor.Name, typeOf(tensor), [.. tensor.Shape], stream => write(part, tensor, stream));
            else writer.AddCopy(part, tensor, cancellationToken);
        }

        return writer;
    }

    /// <summary>Stores a tensor as another type, some rows at a time.</summary>
    private static void Convert(GgufFile part, GgufTensorInfo tensor, GgmlType type, Stream stream, CancellationToken cancellationToken)
    {
        int columns = (int)tensor.Shape[0];
        (long from, long to) = (GgmlTypes.Bytes(tensor.Type, columns), GgmlTypes.Bytes(type, columns));
        long rows = tensor.Elements / columns, atOnce = Math.Clamp(ConvertedBytes / (columns * (long)sizeof(float)), 1, rows);
        var values = new float[atOnce * columns];
        (byte[] read, byte[] written) = (new byte[atOnce * from], new byte[atOnce * to]);
        for (long row = 0; row < rows; row += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(atOnce, rows - row);
            part.ReadTensor(tensor, read.AsSpan(0, (int)(count * from)), row * from);
            BlockCodec.Decode(tensor.Type, read.AsSpan(0, (int)(count * from)), values.AsSpan(0, count * columns));
            BlockCodec.Encode(type, columns, values.AsSpan(0, count * columns), written.AsSpan(0, (int)(count * to)));
            stream.Write(written.AsSpan(0, (int)(count * to)));
        }
    }

    /// <summary>What WANDA judges by, and where it came from.</summary>
    private sealed record Calibrated(string Kind, IReadOnlyDictionary<string, ImportanceEntry> Entries, string? Hash, long Tokens);
}
