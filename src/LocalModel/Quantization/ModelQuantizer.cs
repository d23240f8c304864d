using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Models.Quantization;

/// <summary>Converts models to smaller storage types with llama.cpp.</summary>
public static class ModelQuantizer
{
    /// <summary>What llama.cpp's complaint holds when it cannot write.</summary>
    private const string StreamFault = "iostream";

    /// <summary>A cancelled call removes its file when llama.cpp is done with it; the next one must have another.</summary>
    private static int _calls;

    /// <summary>llama.cpp reports through a log that the whole process shares.</summary>
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Types a model can be converted to, the largest first.</summary>
    public static IReadOnlyList<string> Types => QuantizationType.Names;

    /// <summary>The ones of <see cref="Types"/> that need <see cref="QuantizeOptions.Importance"/>; without it they would give garbage.</summary>
    public static IReadOnlyList<string> TypesNeedingImportance => QuantizationType.WeighedNames;

    /// <summary>Writes a quantized copy of a model. The output appears under its name only when it is complete and checked.</summary>
    /// <param name="input">A GGUF file; the first one of a split model.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="type">One of <see cref="Types"/>, in any case.</param>
    /// <param name="options">Whether quantized models and existing files are accepted.</param>
    /// <param name="progress">Told of each tensor.</param>
    /// <param name="cancellationToken">
    /// Gives up at once and removes what was written. llama.cpp cannot be interrupted: it works on, into a file that is gone, until it is done or
    /// the process ends.
    /// </param>
    /// <exception cref="UserInputException">
    /// The input is damaged or quantized already, the type is unknown or needs an importance matrix, the importance matrix is of a model of another shape, or the
    /// output exists or cannot be written.
    /// </exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or could not quantize the model.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The output's folder may not be written to.</exception>
    public static async Task<QuantizeResult> QuantizeAsync(
        string input, string output, string type, QuantizeOptions? options = null, IProgress<QuantizeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        int fileType = QuantizationType.Parse(type);
        GgufFile file = ModelFile.OpenChecked(input);
        GgufFile[] parts = [.. SplitCheck.Verify(new ModelMetadata(file))];
        string target = OutputFile.Check(output, parts, options.Overwrite, "--force (QuantizeOptions.Overwrite) replaces it");
        CheckInput(parts, type, options);
        IReadOnlyList<string> unweighed = CheckImportance(parts, type, options);
        bool other = ImportanceCheck.IsOfOtherFile(options.Importance, file);
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);

        string partial = $"{target}.{Environment.ProcessId}-{Interlocked.Increment(ref _calls)}.part";
        var log = new QuantizeLog(progress);
        await OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task work = Task.Factory.StartNew(
            () => Run(input, partial, fileType, options, log), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await work.WaitAsync(cancellationToken).ConfigureAwait(false);
            GgufFile written = Verified(partial);
            File.Move(partial, target, options.Overwrite);
            return Result(target, type, parts, written, log) with { WithoutImportance = unweighed, ImportanceOfOtherFile = other };
        }
        finally
        {
            File.Delete(partial);
            // Cancelled early, llama.cpp may create the file only now.
            if (!work.IsCompleted) _ = work.ContinueWith(_ => File.Delete(partial), TaskScheduler.Default);
        }
    }

    private static void CheckInput(GgufFile[] parts, string type, QuantizeOptions options)
    {
        GgufTensorInfo? quantized = parts.SelectMany(part => part.Tensors).FirstOrDefault(tensor => GgmlTypes.IsQuantized(tensor.Type));
        if (quantized is not null && !options.AllowRequantize)
        {
            throw new UserInputException(
                "IN", $"IN: {parts[0].Name} is quantized already ({quantized.Name} is {quantized.Type}); {type} from it would lose quality twice. "
                + "Take the F16, BF16 or F32 file, or allow it with --requantize (QuantizeOptions.AllowRequantize).");
        }
    }

    private static IReadOnlyList<string> CheckImportance(GgufFile[] parts, string type, QuantizeOptions options)
    {
        bool needed = QuantizationType.NeedsImportance(type);
        if (options.Importance is not { } matrix)
        {
            return needed ? throw new UserInputException(
                "imatrix", $"{type} needs an importance matrix: without one the result would be garbage. 'agentkit model imatrix' makes one from a text; "
                + $"give it with --imatrix (QuantizeOptions.Importance). Types that do without: {string.Join(", ", Types.Except(TypesNeedingImportance))}.") : [];
        }

        IReadOnlyList<string> without = ImportanceCheck.Verify(matrix, parts.SelectMany(part => part.Tensors).ToDictionary(tensor => tensor.Name), parts[0].Name);
        return !needed || without.Count == 0 ? without : throw ImportanceCheck.Fault(
            matrix, $"has no entry for {without[0]}{(without.Count > 1 ? $" and {without.Count - 1} more" : "")}, and {type} needs one for every matrix.");
    }

    private static LlamaQuantizeParams Parameters(int fileType, QuantizeOptions options)
    {
        LlamaQuantizeParams parameters = LlamaApi.QuantizeDefaultParams();
        parameters.FileType = fileType;
        parameters.Threads = options.Threads ?? CpuQuota.UsableCpus;
        parameters.AllowRequantize = (byte)(options.AllowRequantize ? 1 : 0);
        return parameters;
    }

    /// <summary>Also takes away what is left when the caller has gone before llama.cpp was done.</summary>
    private static void Run(string input, string partial, int fileType, QuantizeOptions options, QuantizeLog log)
    {
        NativeLog.UseOnThisThread(log);
        try
        {
            // llama.cpp reads these while it works on, also when the caller has gone.
            using NativeImportance? importance = options.Importance is { } matrix ? new(matrix) : null;
            LlamaQuantizeParams parameters = Parameters(fileType, options);
            (parameters.ImportanceMatrix, parameters.KeyValueOverrides) = (importance?.Entries ?? 0, importance?.KeyValues ?? 0);
            // A folder without the right to write is found here, with its name: llama.cpp only says that a stream failed.
            File.Create(partial).Dispose();
            NativeLog.TakeComplaints();
            if (LlamaApi.Quantize(input, partial, parameters) == 0) return;
            File.Delete(partial);
            string complaints = NativeLog.TakeComplaints();
            throw complaints.Contains(StreamFault, StringComparison.Ordinal)
                ? new IOException($"{partial} could not be written; is the disk full? llama.cpp says: {complaints}")
                : new NativeRuntimeException($"llama.cpp could not quantize {input}. {complaints}");
        }
        finally
        {
            NativeLog.UseOnThisThread(null);
            OneAtATime.Release();
        }
    }

    private static GgufFile Verified(string partial)
    {
        using (FileStream stream = new(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.Read)) stream.Flush(flushToDisk: true);
        try
        {
            GgufFile written = GgufFile.Open(partial);
            ModelCheck.Verify(written);
            return written;
        }
        catch (UserInputException e)
        {
            throw new NativeRuntimeException($"llama.cpp wrote a file that cannot be used: {e.Message}", e);
        }
    }

    private static QuantizeResult Result(string target, string type, GgufFile[] parts, GgufFile written, QuantizeLog log) => new(
        target,
        type.ToUpperInvariant(),
        parts.Sum(part => part.FileBytes),
        written.FileBytes,
        Math.Round(written.Tensors.Sum(tensor => tensor.Bytes) * 8.0 / written.Tensors.Sum(tensor => tensor.Elements), 3),
        written.Tensors.Count,
        log.Fallbacks);
}
