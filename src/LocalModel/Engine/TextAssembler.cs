using System.Text;

namespace AgentKit.Models.Engine;

/// <summary>
/// Turns the bytes of tokens into text that can be shown at once: never half a character, never the beginning of a stop text.
/// </summary>
/// <param name="stopTexts">Texts that end the output; not empty ones.</param>
internal sealed class TextAssembler(IReadOnlyList<string> stopTexts)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _held = new();

    /// <summary>Whether a stop text has appeared; nothing is added after it.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds a token's bytes and returns the text that is now certain.</summary>
    public string Push(ReadOnlySpan<byte> bytes) => Take(bytes, flush: false);

    /// <summary>Returns what was held back. An unfinished character becomes U+FFFD.</summary>
    public string Finish()
    {
        string text = Take([], flush: true) + _held;
        _held.Clear();
        return text;
    }

    private string Take(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (Stopped)
        {
            return "";
        }

        Span<char> characters = stackalloc char[256];
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length) + 1;
        characters = most <= characters.Length ? characters : new char[most];
        int count = _decoder.GetChars(bytes, characters, flush);
        if (stopTexts.Count == 0)
        {
            return count == 0 ? "" : new string(characters[..count]);
        }

        _held.Append(characters[..count]);
        return Release();
    }

    private string Release()
    {
        string text = _held.ToString();
        int stop = stopTexts.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        Stopped = stop >= 0;
        int certain = Stopped ? stop : text.Length - stopTexts.Max(s => OverlapLength(text, s));
        _held.Clear();
        if (!Stopped)
        {
            _held.Append(text, certain, text.Length - certain);
        }

        return text[..certain];
    }

    /// <summary>Length of the longest end of the text that is a beginning of the stop text.</summary>
    private static int OverlapLength(string text, string stop)
    {
        for (int length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
