using System.Globalization;
using System.Text;

namespace AgentKit.Eval.Text;

/// <summary>
/// The tokenizers of the mteval scripts (NIST) as sacreBLEU has them. They are sequences of substitutions, each of which goes once from
/// left to right over the text and never looks at a character twice; the passes here keep that order, because it decides what becomes of
/// "..." or ".5-".
/// Results are texts whose words stand between white space.
/// </summary>
internal static class MtevalTokenizer
{
    private const int OnStack = 1024;

    public static string Mteval13a(ReadOnlySpan<char> line)
    {
        string text = line.ToString()
            .Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        var spacing = new WesternSpacing(stackalloc char[OnStack]);
        spacing.Append(" ");
        spacing.Append(text);
        spacing.Append(" ");
        return spacing.Finish().ToString();
    }

    public static string Chinese(ReadOnlySpan<char> line)
    {
        var spaced = new StringBuilder(line.Length * 2);
        foreach (char c in PythonText.Trim(line))
        {
            if (IsChinese(c)) spaced.Append(' ').Append(c).Append(' ');
            else spaced.Append(c);
        }

        var spacing = new WesternSpacing(stackalloc char[OnStack]);
        spacing.Append(spaced.ToString());
        return spacing.Finish().ToString();
    }

    public static string International(ReadOnlySpan<char> line)
    {
        string text = line.ToString();
        text = Pairs(text, first: rune => !IsNumber(rune), second: Rune.IsPunctuation, before: "", between: " ", after: " ");
        text = Pairs(text, first: Rune.IsPunctuation, second: rune => !IsNumber(rune), before: " ", between: " ", after: "");
        var spaced = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsSymbol(rune)) spaced.Append(' ').Append(rune).Append(' ');
            else spaced.Append(rune);
        }

        return spaced.ToString();
    }

    public static string Characters(ReadOnlySpan<char> line)
    {
        var spaced = new StringBuilder(2 * line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            bool pair = char.IsHighSurrogate(line[i]) && i + 1 < line.Length && char.IsLowSurrogate(line[i + 1]);
            spaced.Append(line[i]);
            if (pair) spaced.Append(line[++i]);
            spaced.Append(' ');
        }

        return spaced.ToString();
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

    /// <summary>Sets off period, comma and dash where they do not stand within a number.</summary>
    public static string Marks(string text)
    {
        var spacing = new WesternSpacing(stackalloc char[OnStack]);
        spacing.AppendSetOff(text);
        return spacing.Finish().ToString();
    }

    /// <summary>Whether the first substitution sets it off.</summary>
    public static bool IsSetOff(char c) =>
        c is (>= '{' and <= '~') or (>= '[' and <= '`') or (>= ' ' and <= '&') or (>= '(' and <= '+') or (>= ':' and <= '@') or '/';

    /// <summary>Replaces neighbours (a, b) by before + a + between + b + after; a neighbour belongs to one pair only.</summary>
    private static string Pairs(string text, Func<Rune, bool> first, Func<Rune, bool> second, string before, string between, string after)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var result = new StringBuilder(text.Length + 16);
        for (int i = 0; i < runes.Length; i++)
        {
            if (i + 1 < runes.Length && second(runes[i + 1]) && first(runes[i]))
                result.Append(before).Append(runes[i]).Append(between).Append(runes[++i]).Append(after);
            else
                result.Append(runes[i]);
        }

        return result.ToString();
    }

    private static bool IsNumber(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // The published ranges name two blocks beyond 16 bits with escapes that hold only 16; what they match in fact, U+2001 to U+2A6D,
    // decides.
    private static bool IsChinese(char c) => c
        is (>= '\u3400' and <= '\u4db5') or (>= '\u4e00' and <= '\u9fbb') or (>= '\uf900' and <= '\ufa2d') or (>= '\ufa30' and <= '\ufa6a')
        or (>= '\ufa70' and <= '\ufad9') or (>= '\u2001' and <= '\u2a6d') or (>= '\uff00' and <= '\uffef') or (>= '\u2e80' and <= '\u2eff')
        or (>= '\u3000' and <= '\u303f') or (>= '\u31c0' and <= '\u31ef') or (>= '\u2f00' and <= '\u2fdf') or (>= '\u2ff0' and <= '\u2fff')
        or (>= '\u3100' and <= '\u312f') or (>= '\u31a0' and <= '\u31bf') or (>= '\ufe10' and <= '\ufe1f') or (>= '\ufe30' and <= '\ufe4f')
        or (>= '\u2600' and <= '\u27bf') or (>= '\u3200' and <= '\u33ff');
}
