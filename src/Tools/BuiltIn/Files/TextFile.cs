using System.Text;

namespace AgentKit.Tools.BuiltIn.Files;

/// <summary>The beginning of a file, decoded.</summary>
/// <param name="Text">The text; <c>null</c> when the file is not text.</param>
/// <param name="ReadBytes">Bytes the text stands for.</param>
/// <param name="TotalBytes">Bytes of the whole file.</param>
/// <param name="Replaced">Bytes sequences that are not valid in the file's encoding, shown as U+FFFD.</param>
internal sealed record TextFile(string? Text, long ReadBytes, long TotalBytes, int Replaced)
{
    /// <summary>A text with more unreadable characters than this share is taken for binary.</summary>
    private const double MostReplaced = 0.1;

    /// <summary>Reads UTF-8, or UTF-16 with a byte order mark.</summary>
    /// <param name="path">A file that lies inside the folder.</param>
    /// <param name="limit">Most bytes to read; a character is never cut in two.</param>
    public static TextFile Read(string path, int limit)
    {
        // Pipes and devices report no length, and opening one could wait forever.
        var total = new FileInfo(path).Length;
        if (total == 0)
            return new TextFile("", 0, 0, 0);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var bytes = new byte[Math.Min(total, limit)];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Decode(bytes.AsSpan(0, count), Math.Max(total, count));
    }

    private static TextFile Decode(ReadOnlySpan<byte> bytes, long total)
    {
        var (encoding, mark) = EncodingOf(bytes);
        var decoder = encoding.GetDecoder();
        var content = bytes[mark..];
        var isWhole = bytes.Length == total;
        var characters = new char[encoding.GetMaxCharCount(content.Length)];
        decoder.Convert(content, characters, flush: isWhole, out var used, out var written, out _);
        var text = new string(characters, 0, written);
        var unfinished = isWhole ? 0 : UnfinishedBytes(encoding, content[..used]);
        if (text.Contains('\0'))
            return new TextFile(null, 0, total, 0);
        var replaced = text.Count(c => c == '\uFFFD');
        return replaced > MostReplaced * text.Length
            ? new TextFile(null, 0, total, replaced)
            : new TextFile(text, bytes.Length - unfinished, total, replaced);
    }

    private static (Encoding Encoding, int Mark) EncodingOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        _ => (Encoding.UTF8, 0),
    };

    /// <summary>Bytes of a character that the limit cut in two; the decoder keeps them back.</summary>
    private static int UnfinishedBytes(Encoding encoding, ReadOnlySpan<byte> content)
    {
        if (encoding is not UTF8Encoding)
            return content.Length % 2;
        for (var back = 1; back <= Math.Min(3, content.Length); back++)
        {
            var value = content[^back];
            if (value < 0x80)
                return 0;
            if (value >= 0xC0)
                return (value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2) > back ? back : 0;
        }
        return 0;
    }
}
