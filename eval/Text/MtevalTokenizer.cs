using System.Globalization;
using System.Text;

namespace AgentKit.Eval.Text;

/// <summary>
/// The tokenizers of the mteval scripts (NIST) as sacreBLEU has them. They are sequences of substitutions, each of which goes once from
/// left to right over the text and never looks at a character twice; the passes here keep that order, because it decides what becomes of
/// "..." or ".5-".
/// </summary>
internal static class MtevalTokenizer
{
    public static List<string> Mteval13a(ReadOnlySpan<char> line)
    {
        string text = line.ToString()
            .Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        return PythonText.Split(Western($" {text} "));
    }

    public static List<string> Chinese(ReadOnlySpan<char> line)
    {
        var spaced = new StringBuilder(line.Length * 2);
        foreach (char c in PythonText.Trim(line))
        {
            if (IsChinese(c)) spaced.Append(' ').Append(c).Append(' ');
            else spaced.Append(c);
        }

        return PythonText.Split(Western(spaced.ToString()));
    }

    public static List<string> International(ReadOnlySpan<char> line)
    {
        string text = line.ToString();
        text = Pairs(text, first: rune => !IsNumber(rune), second: Rune.IsPunctuation, before: "", between: " ", after: " ");
        text = Pairs(text, first: Rune.IsPunctuation, second: rune => !IsNumber(rune), before: " ", between: " ", after: "");
        var spaced = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsSymbol(rune)) spaced.Append(' ').Append(rune.ToString()).Append(' ');
            else spaced.Append(rune.ToString());
        }

        return PythonText.Split(spaced.ToString());
    }

    public static List<string> Characters(ReadOnlySpan<char> line) =>
        [.. PythonText.CodePoints(line).Where(point => point > char.MaxValue || !PythonText.IsSpace((char)point)).Select(Text)];

    /// <summary>Sets off punctuation, and period, comma and dash where they do not stand within a number.</summary>
    public static string Western(string text)
    {
        text = Punctuation(text);
        text = PeriodsAndCommas(text);
        return Pairs(text, first: char.IsAsciiDigit, second: c => c == '-', before: "", between: " ", after: " ");
    }

    /// <summary>Sets off ASCII punctuation but apostrophe, comma, dash and period.</summary>
    public static string Punctuation(string text)
    {
        var spaced = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            if (IsSetOff(c)) spaced.Append(' ').Append(c).Append(' ');
            else spaced.Append(c);
        }

        return spaced.ToString();
    }

    public static string PeriodsAndCommas(string text)
    {
        text = Pairs(text, first: c => !char.IsAsciiDigit(c), second: c => c is '.' or ',', before: "", between: " ", after: " ");
        return Pairs(text, first: c => c is '.' or ',', second: c => !char.IsAsciiDigit(c), before: " ", between: " ", after: "");
    }

    /// <summary>Replaces neighbours (a, b) by before + a + between + b + after; a neighbour belongs to one pair only.</summary>
    public static string Pairs(string text, Func<char, bool> first, Func<char, bool> second, string before, string between, string after)
    {
        var result = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && second(text[i + 1]) && first(text[i]))
                result.Append(before).Append(text[i]).Append(between).Append(text[++i]).Append(after);
            else
                result.Append(text[i]);
        }

        return result.ToString();
    }

    private static string Pairs(string text, Func<Rune, bool> first, Func<Rune, bool> second, string before, string between, string after)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var result = new StringBuilder(text.Length + 16);
        for (int i = 0; i < runes.Length; i++)
        {
            if (i + 1 < runes.Length && second(runes[i + 1]) && first(runes[i]))
                result.Append(before).Append(runes[i].ToString()).Append(between).Append(runes[++i].ToString()).Append(after);
            else
                result.Append(runes[i].ToString());
        }

        return result.ToString();
    }

    private static string Text(int point) => point is >= 0xd800 and <= 0xdfff ? ((char)point).ToString() : char.ConvertFromUtf32(point);

    private static bool IsNumber(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsSetOff(char c) =>
        c is (>= '{' and <= '~') or (>= '[' and <= '`') or (>= ' ' and <= '&') or (>= '(' and <= '+') or (>= ':' and <= '@') or '/';

    // The published ranges name two blocks beyond 16 bits with escapes that hold only 16; what they match in fact, U+2001 to U+2A6D,
    // decides.
    private static bool IsChinese(char c) => c
        is (>= '\u3400' and <= '\u4db5') or (>= '\u4e00' and <= '\u9fbb') or (>= '\uf900' and <= '\ufa2d') or (>= '\ufa30' and <= '\ufa6a')
        or (>= '\ufa70' and <= '\ufad9') or (>= '\u2001' and <= '\u2a6d') or (>= '\uff00' and <= '\uffef') or (>= '\u2e80' and <= '\u2eff')
        or (>= '\u3000' and <= '\u303f') or (>= '\u31c0' and <= '\u31ef') or (>= '\u2f00' and <= '\u2fdf') or (>= '\u2ff0' and <= '\u2fff')
        or (>= '\u3100' and <= '\u312f') or (>= '\u31a0' and <= '\u31bf') or (>= '\ufe10' and <= '\ufe1f') or (>= '\ufe30' and <= '\ufe4f')
        or (>= '\u2600' and <= '\u27bf') or (>= '\u3200' and <= '\u33ff');
}
