using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.App;

/// <summary>Reads files that options name.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="field">The option the path came from.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UserInputException">The file cannot be read.</exception>
    public static byte[] ReadBytes(string field, string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new UserInputException(field, $"{field} is empty; the path of a file is expected.");
        if (Directory.Exists(path)) throw new UserInputException(field, $"{field}: {path} is a directory; a file is expected.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserInputException(field, $"{field}: {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A text in UTF-8, character for character.</summary>
    /// <param name="field">The option the path came from.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UserInputException">The file cannot be read or is not UTF-8.</exception>
    public static string Read(string field, string path)
    {
        byte[] bytes = ReadBytes(field, path);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new UserInputException(field, $"{field}: {path} is not text in UTF-8: byte {e.Index + 1} is 0x{e.BytesUnknown?[0]:X2}.", e);
        }
    }
}
