using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Models.Quantization;

/// <summary>Converts models to smaller storage types with llama.cpp.</summary>
public static class ModelQuantizer
{
    /// <summary>A cancelled call removes its file when llama.cpp is done with it; the next one must have another.</summary>
    private static int _calls;

    /// <summary>llama.cpp reports through a log that the whole process shares.</summary>
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Types a model can be converted to, the largest first.</summary>
    public static IReadOnlyList<string> Types => QuantizationType.Names;

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
    /// <exception cref="UserInputException">The input is damaged or quantized already, the type is unknown, or the output exists or cannot be written.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or could not quantize the model.</exception>
    public static async Task<QuantizeResult> QuantizeAsync(
        string input, string output, string type, QuantizeOptions? options = null, IProgress<QuantizeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        int fileType = QuantizationType.Parse(type);
        GgufFile file = ModelFile.OpenChecked(input);
        GgufFile[] parts = [.. SplitCheck.Verify(new ModelMetadata(file))];
        string target = CheckOutput(parts, output, options);
        CheckInput(parts, type, options);
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);

        string partial = $"{target}.{Environment.ProcessId}-{Interlocked.Increment(ref _calls)}.part";
        var log = new QuantizeLog(progress);
        await OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task work = Task.Factory.StartNew(
            () => Run(input, partial, Parameters(fileType, options), log), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await work.WaitAsync(cancellationToken).ConfigureAwait(false);
            GgufFile written = Verified(partial);
            File.Move(partial, target, options.Overwrite);
            return Result(target, type, parts, written, log);
        }
        finally
        {
            File.Delete(partial);
            // Cancelled early, llama.cpp may create the file only now.
            if (!work.IsCompleted) _ = work.ContinueWith(_ => File.Delete(partial), TaskScheduler.Default);
        }
    }

    private static string CheckOutput(GgufFile[] parts, string output, QuantizeOptions options)
    {
        if (string.IsNullOrWhiteSpace(output)) throw new UserInputException("OUT", "OUT is empty; the path of a new GGUF file is expected.");
        string target = Path.GetFullPath(output);
        if (parts.Any(part => SameFile(part.Path, target)))
            throw new UserInputException("OUT", $"OUT is the input, {target}; it would be lost. Give another file.");
        if (Directory.Exists(target)) throw new UserInputException("OUT", $"OUT: {target} is a folder; the path of a new GGUF file is expected.");
        if (File.Exists(target) && !options.Overwrite)
            throw new UserInputException("OUT", $"OUT: {target} exists already; --force (QuantizeOptions.Overwrite) replaces it.");
        string folder = Path.GetDirectoryName(target)!;
        return Directory.Exists(folder)
            ? target
            : throw new UserInputException("OUT", $"OUT: there is no folder {folder}; create it first.");
    }

    private static bool SameFile(string left, string right) => string.Equals(Final(left), Final(right), StringComparison.Ordinal);

    private static string Final(string path) =>
        File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path) : Path.GetFullPath(path);

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

    private static LlamaQuantizeParams Parameters(int fileType, QuantizeOptions options)
    {
        LlamaQuantizeParams parameters = LlamaApi.QuantizeDefaultParams();
        parameters.FileType = fileType;
        parameters.Threads = options.Threads ?? CpuQuota.UsableCpus;
        parameters.AllowRequantize = (byte)(options.AllowRequantize ? 1 : 0);
        return parameters;
    }

    /// <summary>Also takes away what is left when the caller has gone before llama.cpp was done.</summary>
    private static void Run(string input, string partial, in LlamaQuantizeParams parameters, QuantizeLog log)
    {
        NativeLog.UseOnThisThread(log);
        try
        {
            NativeLog.TakeComplaints();
            if (LlamaApi.Quantize(input, partial, parameters) == 0) return;
            File.Delete(partial);
            throw new NativeRuntimeException($"llama.cpp could not quantize {input}. {NativeLog.TakeComplaints()}");
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
