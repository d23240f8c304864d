using System.Text;
using AgentKit.Models.Constraints.Tokens;

namespace AgentKit.Tests.Support;

/// <summary>Vocabularies for tests of constrained decoding: all bytes, an end token, and random pieces that cut text anywhere.</summary>
internal static class TestVocabulary
{
    internal const int End = 256;

    private static readonly string[] Fragments =
    [
        "\"", "\": ", "\", \"", "{\"", "\"}", "\"}}", "}\n", "]", ", ", "[", "[]", "{}", "[[", "]]", "true", "false", "null", "-", "0", "1", "12", "0.5", ".5",
        "1e", "e+", "\\n", "\\u00", "\\\"", "\\\\", "\n", "\n\t", " ", "  ", "name", "arg", "uments", "a", "b", "ab", "abc", "the ", "é", "ü", "日本", "語", "😀", "<tool", "_call>",
        "</tool_call>", "<tool_call>\n{\"", ">", "<", "@", "x.com", "http://", "://", "2024", "-01", "T12", ":00", "Z", "ff", "00ff", "c1", "value", "\"value\"", "\"id\": ",
    ];

    /// <summary>One token a byte (token id = byte), then <see cref="End"/>.</summary>
    internal static TokenVocabulary Bytes() => new(Pieces(), [End]);

    /// <summary>
    /// Bytes, the end token, and random joins of fragments, words and partial characters up to <paramref name="size"/> tokens.
    /// </summary>
    internal static TokenVocabulary Random(int size, int seed) => new(RandomPieces(size, seed), [End]);

    internal static byte[]?[] RandomPieces(int size, int seed)
    {
        var random = new Random(seed);
        var pieces = new List<byte[]?>(Pieces());
        while (pieces.Count < size)
            pieces.Add(RandomPiece(random));
        return [.. pieces];
    }

    private static List<byte[]?> Pieces() => [.. Enumerable.Range(0, 256).Select(b => (byte[]?)[(byte)b]), null];

    private static byte[] RandomPiece(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            if (random.Next(3) == 0)
                text.Append(Fragments[random.Next(Fragments.Length)]);
            else
                text.Append(string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => (char)random.Next('a', 'z' + 1))));
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var start = random.Next(8) == 0 ? random.Next(bytes.Length) : 0;
        return bytes[start..];
    }
}
