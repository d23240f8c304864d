using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Bytes of a text file to text: UTF-8, or what its byte order mark says. Nothing is replaced by question marks.</summary>
internal static class TextDecoder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="UserInputException">The bytes are no text, or in another encoding.</exception>
    public static string Decode(ReadOnlySpan<byte> content)
    {
        try
        {
            return content switch
            {
                [0xEF, 0xBB, 0xBF, ..] => Utf8.GetString(content[3..]),
                [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true).GetString(content[2..]),
                [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true).GetString(content[2..]),
                _ => Checked(content),
            };
        }
        catch (DecoderFallbackException e)
        {
            throw new UserInputException(
                "content", $"Byte {e.Index + 1} is not UTF-8. Text files are read as UTF-8, or UTF-16 with a byte order mark: convert the file.", e);
        }
    }

    private static string Checked(ReadOnlySpan<byte> content)
    {
        int zero = content.IndexOf((byte)0);
        return zero < 0 ? Utf8.GetString(content) : throw new UserInputException("content", $"Byte {zero + 1} is zero: this is not a text file.");
    }
}
