using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Quantization;

/// <summary>
/// Makes importance matrices: llama.cpp reads calibration text, and for every matrix the squares of what flows into each input are added up, for
/// experts each on its own. The sums are those of llama-imatrix.
/// </summary>
public static class ImportanceCollector
{
    private const string OutputName = "output.weight";

    private static readonly TimeSpan BetweenSaves = TimeSpan.FromSeconds(60);

    /// <summary>Reads a text with a model and writes the importance matrix; in between what there is so far is saved every minute.</summary>
    /// <param name="modelPath">A GGUF file; the first one of a split model. Unquantized gives the truest sums.</param>
    /// <param name="text">What the model is to be good at; some ten thousand tokens and more.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="options">Chunks, and what happens to an existing file.</param>
    /// <param name="progress">Told after each chunk.</param>
    /// <param name="cancellationToken">Stops; the chunks that are done are saved, and <see cref="ImportanceOptions.Resume"/> goes on with the rest.</param>
    /// <exception cref="UserInputException">Model, text or output cannot be used, or the file to resume was made otherwise.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or failed.</exception>
    public static async Task<ImportanceResult> CollectAsync(
        string modelPath, string text, string output, ImportanceOptions? options = null, IProgress<ImportanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new();
        if (string.IsNullOrWhiteSpace(text)) throw new UserInputException("text", "The calibration text is empty; text like that which the model will see is expected.");
        GgufFile file = ModelFile.OpenChecked(modelPath);
        List<GgufFile> parts = SplitCheck.Verify(new ModelMetadata(file));
        if (options.OutputMatrix && !parts.Exists(part => part.FindTensor(OutputName) is not null))
        {
            throw new UserInputException(
                nameof(ImportanceOptions.OutputMatrix), $"{file.Name} has no output matrix of its own, its embedding serves as one; there is no entry to give it.");
        }

        string target = OutputFile.Check(output, parts, options.Overwrite || options.Resume, "--force replaces it, --resume goes on with it");
        var run = new Run(file, text, target, options);
        return await Task.Factory.StartNew(
            () => run.Go(progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    /// <summary>One run, on a thread of its own.</summary>
    private sealed class Run(GgufFile file, string text, string target, ImportanceOptions options)
    {
        private readonly string _model = ImportanceCheck.Fingerprint(file);
        private readonly string _text = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        private readonly string _settings = $"special:{options.ParseSpecial}|output:{options.OutputMatrix}";

        public ImportanceResult Go(IProgress<ImportanceProgress>? progress, CancellationToken stop)
        {
            ImportanceMatrix? earlier = options.Resume && File.Exists(target) ? CheckedEarlier(ImportanceMatrix.Read(target)) : null;
            using var reader = new CalibrationReader(file, options.ChunkLength, options.Threads, IsWanted);
            int[][] chunks = reader.Chunks(text, options.ParseSpecial, options.ChunkLength, options.Chunks, out int tokens);
            int done = earlier?.Chunks ?? 0;
            if (earlier is not null) reader.Nodes.Sums.Load(earlier);
            ImportanceMatrix matrix = earlier ?? Matrix(reader, 0);
            long savedAt = options.Time.GetTimestamp();
            try
            {
                for (int i = done; i < chunks.Length; i++)
                {
                    reader.Read(chunks[i], stop);
                    matrix = Matrix(reader, i + 1);
                    progress?.Report(new((i + 1L) * options.ChunkLength, (long)chunks.Length * options.ChunkLength));
                    if (options.Time.GetElapsedTime(savedAt) < BetweenSaves) continue;
                    matrix.Write(target);
                    savedAt = options.Time.GetTimestamp();
                }
            }
            catch (OperationCanceledException) when (matrix.Chunks > done)
            {
                matrix.Write(target);
                throw;
            }

            if (matrix.Entries.Count == 0) throw new UserInputException("model", $"{file.Name} computes with no matrix named blk.…; there is nothing to weigh.");
            if (matrix.Chunks > done) matrix.Write(target);
            return new(target, matrix, done, tokens, [.. matrix.Entries.Values.Where(entry => entry.Counts.Contains(0)).Select(entry => entry.Tensor)]);
        }

        private bool IsWanted(string tensor) =>
            tensor.StartsWith("blk.", StringComparison.Ordinal) || (options.OutputMatrix && tensor == OutputName);

        private ImportanceMatrix Matrix(CalibrationReader reader, int chunks) => new()
        {
            Entries = reader.Nodes.Sums.Entries(),
            Datasets = options.Dataset is { } name ? [name] : [],
            Chunks = chunks,
            ChunkLength = options.ChunkLength,
            Model = _model,
            TextSha256 = _text,
            Settings = _settings,
        };

        private ImportanceMatrix CheckedEarlier(ImportanceMatrix earlier)
        {
            string? differs = earlier.Model is null ? "does not say which model and text it is from (llama-imatrix writes such files)"
                : earlier.Model != _model ? "was made with another model"
                : earlier.TextSha256 != _text ? "was made with another text"
                : earlier.ChunkLength != options.ChunkLength ? $"has chunks of {earlier.ChunkLength} tokens, not {options.ChunkLength}"
                : earlier.Settings != _settings ? $"was made with {earlier.Settings}, not {_settings}"
                : null;
            return differs is null ? earlier : throw new UserInputException("resume", $"{target} {differs}; it cannot be gone on with. Replace it, or give another file.");
        }
    }
}
