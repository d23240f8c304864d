using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary>A text file that a command reads whole: segments one a line, or running text.</summary>
internal static class SegmentFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines. A byte order mark stays, because published scores count it as text.</summary>
    /// <exception cref="UserInputException">There is no such file, it is empty, or a line is not UTF-8.</exception>
    public static string[] Lines(string option, string path)
    {
        string text = Text(option, path);
        string[] lines = (text[^1] == '\n' ? text[..^1] : text).Split('\n');
        return Array.ConvertAll(lines, line => line.EndsWith('\r') ? line[..^1] : line);
    }

    /// <summary>The text, which is not empty.</summary>
    /// <exception cref="UserInputException">There is no such file, it is empty, or a line is not UTF-8.</exception>
    public static string Text(string option, string path) => Decode(option, path, Bytes(option, path));

    /// <summary>The text, which is not empty, and the SHA-256 of the file in hexadecimal.</summary>
    /// <exception cref="UserInputException">There is no such file, it is empty, or a line is not UTF-8.</exception>
    public static (string Text, string Hash) Hashed(string option, string path)
    {
        byte[] bytes = Bytes(option, path);
        return (Decode(option, path, bytes), Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>
    /// The lines, one after the other, of a file that may be larger than the memory. A byte order mark is no part of them.
    /// </summary>
    /// <exception cref="UserInputException">There is no such file, it is empty, or it is not UTF-8: when the lines are asked for.</exception>
    public static IEnumerable<string> Stream(string option, string path)
    {
        using var reader = new StreamReader(Open(option, path), Strict);
        int number = 0;
        while (Next(reader, option, path, number) is { } line)
        {
            number++;
            yield return line;
        }

        if (number == 0) throw Empty(option, path);
    }

    private static string? Next(StreamReader reader, string option, string path, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw new UserInputException(option, $"{option}: {path}: a byte behind line {number} is not UTF-8; text in UTF-8 is expected.", e);
        }
        catch (IOException e)
        {
            throw Unreadable(option, path, e);
        }
    }

    private static string Decode(string option, string path, byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            int line = bytes.AsSpan(0, Math.Min(bytes.Length, Math.Max(0, e.Index))).Count((byte)'\n') + 1;
            throw new UserInputException(
                option, $"{option}: {path}, line {line}: byte {e.Index} is not UTF-8; text in UTF-8 is expected.", e);
        }
    }

    private static byte[] Bytes(string option, string path)
    {
        Check(option, path);
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            return bytes.Length > 0 ? bytes : throw Empty(option, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(option, path, e);
        }
    }

    private static FileStream Open(string option, string path)
    {
        Check(option, path);
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(option, path, e);
        }
    }

    private static void Check(string option, string path)
    {
        if (Directory.Exists(path)) throw new UserInputException(option, $"{option}: {path} is a directory; a text file is expected.");
        if (!File.Exists(path)) throw new UserInputException(option, $"{option}: there is no file {path}.");
    }

    private static UserInputException Empty(string option, string path) => new(option, $"{option}: {path} is empty; there is nothing to score.");

    private static UserInputException Unreadable(string option, string path, Exception e) =>
        new(option, $"{option}: {path} cannot be read ({e.Message})", e);
}
