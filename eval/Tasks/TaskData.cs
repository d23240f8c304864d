using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AgentKit.Eval.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks;

/// <summary>Where the questions come from: a directory, or the small samples that lie in this library.</summary>
public sealed class TaskData
{
    private const string SamplePrefix = "samples/";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Lazy<Dictionary<string, string>> Embedded = new(() => Library.GetManifestResourceNames()
        .Where(name => name.StartsWith(SamplePrefix, StringComparison.Ordinal))
        .ToDictionary(name => name[SamplePrefix.Length..].Replace('\\', '/'), StringComparer.Ordinal));

    private readonly string? _directory;

    private TaskData(string? directory) => _directory = directory;

    /// <summary>
    /// A handful of samples for each task, written for this project: they show that everything works, not how good a model is.
    /// </summary>
    public static TaskData Samples { get; } = new(null);

    /// <summary>Files of the published data sets.</summary>
    /// <param name="directory">Holds <c>gsm8k/test.jsonl</c> and so on.</param>
    public static TaskData Directory(string directory) => new(directory ?? throw new ArgumentNullException(nameof(directory)));

    /// <summary>Whether these are the library's own samples.</summary>
    public bool IsSamples => _directory is null;

    /// <summary>
    /// Files that match a name, each with its text. Packed ones (<c>.gz</c>, <c>.bz2</c>) are found by the name they have unpacked.
    /// </summary>
    /// <param name="task">For messages.</param>
    /// <param name="pattern">A relative path with <c>/</c>; <c>*</c> in its last part stands for any characters.</param>
    /// <exception cref="UserInputException">There is none, or one is empty or not UTF-8.</exception>
    public IReadOnlyList<(string Name, string Text)> Read(string task, string pattern)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(pattern);
        List<(string Name, string Text)> files = [];
        foreach (string name in Names(pattern))
        {
            byte[] bytes = Unpacked(task, name);
            if (bytes.Length == 0) throw new UserInputException(task, $"{task}: {Where(name)} is empty.");
            files.Add((name, Decode(task, name, bytes)));
        }

        return files.Count > 0 ? files : throw Missing(task, pattern);
    }

    /// <summary>SHA-256 over the files of a task, as they lie there, in hexadecimal.</summary>
    internal string Hash(string task, IEnumerable<string> patterns)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in patterns.SelectMany(Names))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            hash.AppendData(Bytes(task, name));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether a file of a task is here.</summary>
    /// <param name="pattern">A relative path with <c>/</c>; <c>*</c> in its last part stands for any characters.</param>
    public bool Has(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Names(pattern).Any();
    }

    internal UserInputException Missing(string task, string pattern) => new(task, IsSamples
        ? $"{task}: there are no built-in samples for {pattern}."
        : $"{task}: there is no file {Where(pattern)}. 'agentkit eval pull {task}' downloads published data; or put it there, name another "
        + "directory with --datasets, or try the built-in samples with --samples.");

    private IEnumerable<string> Names(string pattern)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal)) return Exists(pattern) is { } found ? [found] : [];
        var regex = new Regex(
            $"^{Regex.Escape(pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);
        return All(pattern[..(pattern.LastIndexOf('/') + 1)]).Where(name => regex.IsMatch(name)).Order(StringComparer.Ordinal);
    }

    private string? Exists(string name) => new[] { name, name + ".gz", name + ".bz2" }.FirstOrDefault(
        candidate => _directory is null ? Embedded.Value.ContainsKey(candidate) : File.Exists(Path.Combine(_directory, candidate)));

    private IEnumerable<string> All(string folder)
    {
        if (_directory is null)
        {
            return Embedded.Value.Keys.Where(name => name.StartsWith(folder, StringComparison.Ordinal));
        }

        string path = Path.Combine(_directory, folder);
        return System.IO.Directory.Exists(path)
            ? System.IO.Directory.EnumerateFiles(path).Select(file => folder + Path.GetFileName(file)) : [];
    }

    private byte[] Unpacked(string task, string name)
    {
        byte[] bytes = Bytes(task, name);
        try
        {
            if (name.EndsWith(".bz2", StringComparison.Ordinal)) return BzipReader.Unpack(bytes);
            if (!name.EndsWith(".gz", StringComparison.Ordinal)) return bytes;
            using var source = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var target = new MemoryStream();
            source.CopyTo(target);
            return target.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new UserInputException(task, $"{task}: {Where(name)} is damaged: {e.Message}", e);
        }
    }

    private byte[] Bytes(string task, string name)
    {
        if (_directory is null)
        {
            using Stream stream = Library.GetManifestResourceStream(Embedded.Value[name])!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        try
        {
            return File.ReadAllBytes(Path.Combine(_directory, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(task, $"{task}: {Where(name)} cannot be read ({e.Message})", e);
        }
    }

    private string Decode(string task, string name, byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            int line = bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            throw new UserInputException(task, $"{task}: {Where(name)}, line {line}: byte {e.Index} is not UTF-8.", e);
        }
    }

    private string Where(string name) => _directory is null ? name : Path.Combine(_directory, name);

    private static Assembly Library => typeof(TaskData).Assembly;
}
