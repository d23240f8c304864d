using System.Globalization;
using System.Text;

namespace AgentKit.Eval.Text;

/// <summary>
/// Text operations as Python's <c>str</c> has them. The published metrics are Python programs; where the platforms differ, a score would
/// differ.
/// </summary>
internal static class PythonText
{
    private const char CapitalSigma = 'Σ';
    private const char FinalSigma = 'ς';

    /// <summary>What <c>str.split()</c> cuts at: as .NET's white space, and the four separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => c < '\u007f'
        ? c is ' ' or (>= '\t' and <= '\r') or (>= '\u001c' and <= '\u001f')
        : char.IsWhiteSpace(c);

    /// <summary><c>str.split()</c>.</summary>
    public static List<string> Split(ReadOnlySpan<char> text)
    {
        List<string> words = [];
        int at = 0;
        while (at < text.Length)
        {
            while (at < text.Length && IsSpace(text[at])) at++;
            int start = at;
            while (at < text.Length && !IsSpace(text[at])) at++;
            if (at > start) words.Add(text[start..at].ToString());
        }

        return words;
    }

    /// <summary><c>str.rstrip()</c>.</summary>
    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && IsSpace(text[^1])) text = text[..^1];
        return text;
    }

    /// <summary><c>str.strip()</c>.</summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        text = TrimEnd(text);
        while (text.Length > 0 && IsSpace(text[0])) text = text[1..];
        return text;
    }

    /// <summary><c>str.lower()</c>: also İ, which becomes two characters, and Σ, which depends on its place in the word.</summary>
    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (!text.Contains('İ', StringComparison.Ordinal) && !text.Contains(CapitalSigma, StringComparison.Ordinal)) return lower;
        var result = new StringBuilder(lower.Length + 4);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == 'İ') result.Append("i\u0307");
            else if (text[i] == CapitalSigma && EndsWord(text, i)) result.Append(FinalSigma);
            else result.Append(lower[i]);
        }

        return result.ToString();
    }

    /// <summary>The text as code points, the unit in which Python counts characters. A lone surrogate counts as itself.</summary>
    public static int[] CodePoints(ReadOnlySpan<char> text)
    {
        int[] points = new int[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            points[count++] = pair ? char.ConvertToUtf32(text[i], text[++i]) : text[i];
        }

        return count == points.Length ? points : points[..count];
    }

    // Unicode 3.13, Final_Sigma: after a letter with case and before none.
    private static bool EndsWord(string text, int at)
    {
        int before = at - 1;
        while (before >= 0 && IsCaseIgnorable(text[before])) before--;
        int after = at + 1;
        while (after < text.Length && IsCaseIgnorable(text[after])) after++;
        return before >= 0 && HasCase(text[before]) && !(after < text.Length && HasCase(text[after]));
    }

    private static bool HasCase(char c) =>
        char.IsUpper(c) || char.IsLower(c) || char.GetUnicodeCategory(c) == UnicodeCategory.TitlecaseLetter;

    private static bool IsCaseIgnorable(char c) => c is '\'' or '.' or ':' or '·' or '’' || char.GetUnicodeCategory(c)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
