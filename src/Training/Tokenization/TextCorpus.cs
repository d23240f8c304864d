using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Tokenization;

/// <summary>
/// Plain text to train on: files of text, each one document, and files of JSON lines whose field <c>text</c> is a document. Read in blocks, so that
/// a file may be larger than memory.
/// </summary>
public sealed class TextCorpus
{
    private const int BlockLength = 1 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="paths">Files; <c>.jsonl</c> is read as JSON lines, every other as text.</param>
    /// <exception cref="UserInputException">There is none, or one is missing or empty.</exception>
    public TextCorpus(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new UserInputException("data", "data: no file is named; one or more files of text are expected.");
        foreach (string path in paths)
        {
            if (!File.Exists(path)) throw new UserInputException("data", $"data: {path} does not exist; a file of text or of JSON lines is expected.");
            if (new FileInfo(path).Length == 0) throw new UserInputException("data", $"data: {path} is empty; text is expected.");
        }

        Paths = paths;
        Bytes = paths.Sum(path => new FileInfo(path).Length);
    }

    /// <summary>The files.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Bytes of all files.</summary>
    public long Bytes { get; }

    /// <summary>The documents in order, in blocks.</summary>
    /// <exception cref="UserInputException">A file is not UTF-8, or a row has no text; the message names file and place.</exception>
    public IEnumerable<TextBlock> Read() => Paths.SelectMany(path => Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase) ? Rows(path) : Text(path));

    /// <summary>SHA-256 over the files' contents in order, lower-case hexadecimal.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (string path in Paths)
        {
            using FileStream stream = File.OpenRead(path);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<TextBlock> Text(string path)
    {
        using var reader = new StreamReader(path, Utf8);
        var pending = new StringBuilder();
        var buffer = new char[BlockLength];
        for (int read; (read = Next(reader, buffer, path, pending.Length)) > 0;)
        {
            // What lies before has no such place: it is not looked at again, however long it grows.
            int end = SafeEnd(buffer.AsSpan(0, read));
            pending.Append(buffer, 0, end == 0 ? read : end);
            if (end == 0) continue;
            yield return new(pending.ToString(), EndsDocument: false);
            pending.Clear().Append(buffer, end, read - end);
        }

        yield return new(pending.ToString(), EndsDocument: true);
    }

    private static int Next(StreamReader reader, char[] buffer, string path, int pending)
    {
        try
        {
            return reader.ReadBlock(buffer);
        }
        catch (DecoderFallbackException e)
        {
            long about = Math.Max(0, reader.BaseStream.Position - BlockLength - pending);
            throw new UserInputException("data", $"data: {path} is not UTF-8 text (a byte after {about:N0} cannot be read); convert it first.", e);
        }
    }

    /// <summary>
    /// A place that no word crosses, 0 for none: after the last line end before something that is no white space, else after a digit or the letters of a word
    /// (<see cref="WordSplitter"/>: words go on behind letters with letters only, behind digits with nothing).
    /// </summary>
    private static int SafeEnd(ReadOnlySpan<char> text)
    {
        for (int i = text.Length - 2; i >= 0; i--)
        {
            if (text[i] == '\n' && !char.IsWhiteSpace(text[i + 1])) return i + 1;
        }

        for (int i = text.Length - 2; i >= 0; i--)
        {
            if (char.IsNumber(text[i]) || (char.IsLetter(text[i]) && !char.IsLetter(text[i + 1]) && !char.IsSurrogate(text[i + 1]))) return i + 1;
        }

        return 0;
    }

    private static IEnumerable<TextBlock> Rows(string path)
    {
        int line = 0;
        foreach (string row in Lines(path))
        {
            line++;
            if (string.IsNullOrWhiteSpace(row)) continue;
            yield return new(TextOf(row, path, line), EndsDocument: true);
        }
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(path, Utf8);
        for (int line = 1; ; line++)
        {
            string? text;
            try
            {
                text = reader.ReadLine();
            }
            catch (DecoderFallbackException e)
            {
                throw new UserInputException("data", $"data: {path}: line {line} or one soon after is not UTF-8 text; convert it first.", e);
            }

            if (text is null) yield break;
            yield return text;
        }
    }

    private static string TextOf(string row, string path, int line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(row);
            if (document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("text", out JsonElement text)
                && text.ValueKind is JsonValueKind.String) return text.GetString()!;
        }
        catch (JsonException e)
        {
            throw new UserInputException("data", $"data: {path}: line {line} is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new UserInputException("data", $"data: {path}: line {line}: the text is not Unicode (half of a surrogate pair).", e);
        }

        throw new UserInputException("data", $"data: {path}: line {line} has no field text; an object with a text is expected.");
    }
}
