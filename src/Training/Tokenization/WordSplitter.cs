using System.Text;

namespace AgentKit.Training.Tokenization;

/// <summary>
/// Cuts text into the words that merges never cross, by the rules llama.cpp calls <c>qwen2</c>: contractions; letters with one character before
/// them; single digits; symbols with a space before and line ends after them; white space, of which the last space goes with the next word.
/// </summary>
internal static class WordSplitter
{
    /// <summary>The name llama.cpp knows the rules by.</summary>
    public const string Name = "qwen2";

    private const int Ascii = 128;

    private static readonly CharacterKind[] AsciiKinds = [.. Enumerable.Range(0, Ascii).Select(code => KindOf(new Rune(code)))];

    private static readonly string[] Contractions = ["'s", "'t", "'m", "'d", "'re", "'ve", "'ll"];

    private enum CharacterKind
    {
        Symbol,
        Letter,
        Number,
        Space,
    }

    /// <summary>Length of the text's first word in UTF-16 units.</summary>
    /// <param name="text">Not empty, and no word of it goes on after its end.</param>
    public static int First(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && Contraction(text) is > 0 and int contraction) return contraction;
        (CharacterKind kind, int length) = At(text);
        bool leads = kind is not (CharacterKind.Letter or CharacterKind.Number) && !IsLineEnd(text[0]);
        int before = leads ? length : 0;
        if (Run(text[before..], CharacterKind.Letter) is > 0 and int letters) return before + letters;
        if (kind is CharacterKind.Number) return length;

        int space = text[0] == ' ' ? 1 : 0;
        if (Run(text[space..], CharacterKind.Symbol) is > 0 and int symbols)
        {
            int end = space + symbols;
            while (end < text.Length && IsLineEnd(text[end])) end++;
            return end;
        }

        return Blank(text[..Run(text, CharacterKind.Space)], atEnd: Run(text, CharacterKind.Space) == text.Length);
    }

    /// <summary>White space up to its last line end; without one, all of it at the end of the text, and all but its last character before a word.</summary>
    private static int Blank(ReadOnlySpan<char> space, bool atEnd)
    {
        int lineEnd = space.LastIndexOfAny('\r', '\n');
        if (lineEnd >= 0) return lineEnd + 1;
        return atEnd || space.Length == 1 ? space.Length : space.Length - 1;
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        foreach (string contraction in Contractions)
        {
            if (text.StartsWith(contraction, StringComparison.OrdinalIgnoreCase) && char.IsAscii(text[1])) return contraction.Length;
        }

        return 0;
    }

    private static int Run(ReadOnlySpan<char> text, CharacterKind kind)
    {
        int end = 0;
        while (end < text.Length && At(text[end..]) is var (found, length) && found == kind) end += length;
        return end;
    }

    private static (CharacterKind Kind, int Length) At(ReadOnlySpan<char> text)
    {
        if (text[0] < Ascii) return (AsciiKinds[text[0]], 1);
        Rune.DecodeFromUtf16(text, out Rune rune, out int length);
        return (KindOf(rune), length);
    }

    private static CharacterKind KindOf(Rune rune) =>
        Rune.IsLetter(rune) ? CharacterKind.Letter
        : Rune.IsNumber(rune) ? CharacterKind.Number
        : Rune.IsWhiteSpace(rune) ? CharacterKind.Space
        : CharacterKind.Symbol;

    private static bool IsLineEnd(char character) => character is '\r' or '\n';
}
