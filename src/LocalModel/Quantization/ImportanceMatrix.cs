using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Quantization;

/// <summary>
/// An importance matrix: for every matrix of a model, how strongly each of its inputs was driven by calibration text. Read and written in llama.cpp's
/// GGUF form (<c>general.type</c> = <c>imatrix</c>), so files of llama-imatrix can be used here and the other way round.
/// </summary>
public sealed class ImportanceMatrix
{
    private const string SumsEnding = ".in_sum2", CountsEnding = ".counts";
    private const string DatasetsKey = "imatrix.datasets", ChunksKey = "imatrix.chunk_count", ChunkSizeKey = "imatrix.chunk_size";
    private const string ModelKey = "agentkit.imatrix.model", TextKey = "agentkit.imatrix.text_sha256", SettingsKey = "agentkit.imatrix.settings";

    /// <summary>One entry for each matrix, by its name, sorted.</summary>
    public required IReadOnlyDictionary<string, ImportanceEntry> Entries { get; init; }

    /// <summary>Names of the texts that were read.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>Chunks of text that were read.</summary>
    public required int Chunks { get; init; }

    /// <summary>Tokens of a chunk.</summary>
    public required int ChunkLength { get; init; }

    /// <summary>What tells the model from others; null in files of other programs.</summary>
    public string? Model { get; init; }

    /// <summary>SHA-256 of the text in UTF-8, hexadecimal; null in files of other programs.</summary>
    public string? TextSha256 { get; init; }

    /// <summary>How the text was read, for <c>--resume</c> to compare.</summary>
    internal string? Settings { get; init; }

    /// <summary>Where it was read from; empty for one made here.</summary>
    internal string Path { get; private init; } = "";

    /// <summary>Reads a file of this program or of llama-imatrix.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <exception cref="UserInputException">The file cannot be read, is not an importance matrix, or holds something that is none.</exception>
    public static ImportanceMatrix Read(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || !File.Exists(path))
            throw new UserInputException("imatrix", $"{path}: there is no such file; an importance matrix in GGUF is expected.");
        GgufFile file = GgufFile.Open(path);
        if (file.FindString("general.type") is not "imatrix")
        {
            throw Fault(file, $"general.type is \"{file.FindString("general.type")}\"; an importance matrix has \"imatrix\". "
                + "'agentkit model imatrix' makes one; llama-imatrix turns its older format into this one with --in-file OLD --output-format gguf.");
        }

        var entries = new SortedDictionary<string, ImportanceEntry>(StringComparer.Ordinal);
        foreach (GgufTensorInfo sums in file.Tensors)
        {
            if (sums.Name.EndsWith(SumsEnding, StringComparison.Ordinal))
            {
                ImportanceEntry entry = ReadEntry(file, sums);
                entries.Add(entry.Tensor, entry);
            }
            else if (!sums.Name.EndsWith(CountsEnding, StringComparison.Ordinal) || file.FindTensor(sums.Name[..^CountsEnding.Length] + SumsEnding) is null)
            {
                throw Fault(file, $"holds the tensor {sums.Name}; pairs named NAME{SumsEnding} and NAME{CountsEnding} are expected.");
            }
        }

        if (entries.Count == 0) throw Fault(file, "holds no entries.");
        return new()
        {
            Entries = entries,
            Datasets = file.Metadata.TryGetValue(DatasetsKey, out GgufValue? names) && names is { IsArray: true, ElementType: GgufValueType.String } ? names.AsStrings() : [],
            Chunks = Count(file, ChunksKey),
            ChunkLength = Count(file, ChunkSizeKey),
            Model = file.FindString(ModelKey),
            TextSha256 = file.FindString(TextKey),
            Settings = file.FindString(SettingsKey),
            Path = path,
        };
    }

    /// <summary>Writes the file beside its name and renames it; one of that name is replaced.</summary>
    /// <param name="path">The file to make.</param>
    public void Write(string path)
    {
        var writer = new GgufWriter();
        writer.Set("general.type", "imatrix").Set(DatasetsKey, GgufValue.Array(Datasets))
            .Set(ChunksKey, (uint)Chunks).Set(ChunkSizeKey, (uint)ChunkLength);
        foreach ((string key, string? text) in ((string, string?)[])[(ModelKey, Model), (TextKey, TextSha256), (SettingsKey, Settings)])
        {
            if (text is not null) writer.Set(key, text);
        }

        foreach (ImportanceEntry entry in Entries.Values.OrderBy(entry => entry.Tensor, StringComparer.Ordinal))
        {
            // As ggml writes them, sizes of 1 at the end are left out.
            long[] experts = entry.Counts.Count > 1 ? [entry.Counts.Count] : [];
            writer.Add(entry.Tensor + SumsEnding, GgmlType.F32, [entry.Columns, .. experts], entry.SquaredSums.ToArray());
            writer.Add(entry.Tensor + CountsEnding, GgmlType.F32, [1, .. experts], entry.Counts.Select(count => (float)count).ToArray());
        }

        writer.Write(path);
    }

    private static ImportanceEntry ReadEntry(GgufFile file, GgufTensorInfo sums)
    {
        string tensor = sums.Name[..^SumsEnding.Length];
        GgufTensorInfo counts = file.FindTensor(tensor + CountsEnding) ?? throw Fault(file, $"has {sums.Name}, but no {tensor}{CountsEnding}.");
        if (sums.Type != GgmlType.F32 || counts.Type != GgmlType.F32)
            throw Fault(file, $"stores {tensor} as {sums.Type} and {counts.Type}; F32 is expected.");
        if (sums.Elements % counts.Elements != 0) throw Fault(file, $"has {sums.Elements} sums and {counts.Elements} counts for {tensor}, which do not fit together.");
        float[] values = file.ReadFloats(sums), rows = file.ReadFloats(counts);
        int bad = Array.FindIndex(values, value => !float.IsFinite(value) || value < 0);
        if (bad >= 0) throw Fault(file, $"{sums.Name}[{bad}] is {values[bad]}; sums of squares are finite and not below 0.");
        int wrong = Array.FindIndex(rows, count => !(count >= 0 && count < 1L << 53));
        return wrong < 0
            ? new(tensor, values, [.. rows.Select(count => (long)MathF.Round(count))])
            : throw Fault(file, $"{counts.Name}[{wrong}] is {rows[wrong]}; a count is expected.");
    }

    private static int Count(GgufFile file, string key) => file.FindInteger(key) switch
    {
        null => 0,
        >= 0 and <= int.MaxValue and { } count => (int)count,
        { } other => throw Fault(file, $"{key} is {other}; a count is expected."),
    };

    private static UserInputException Fault(GgufFile file, string what) => new("imatrix", $"{file.Path}: {what}");
}
