using System.Text;
using AgentKit.Eval.Metrics;

namespace AgentKit.Eval.Text;

/// <summary>The text preparation of tercom as sacreBLEU has it; words stand between white space.</summary>
internal static class TercomNormalizer
{
    public static string Prepare(string segment, TerOptions options)
    {
        string text = options.CaseSensitive ? segment : PythonText.Lower(segment);
        if (options.Normalized) text = Normalize(text, options.AsianSupport);
        if (options.NoPunctuation) text = string.Concat(text.Where(c => !IsRemoved(c, options.AsianSupport)));
        return text;
    }

    private static string Normalize(string text, bool asian)
    {
        text = text.Replace("\n-", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        text = MtevalTokenizer.Punctuation($" {text} ").Replace("'s ", " 's ", StringComparison.Ordinal);
        text = MtevalTokenizer.Marks(text);
        return asian ? SetOffAsian(text) : text;
    }

    private static string SetOffAsian(string text)
    {
        var spaced = new StringBuilder(text.Length * 2);
        foreach (char c in text)
        {
            if (IsIdeograph(c) || IsAsianPunctuation(c)) spaced.Append(' ').Append(c).Append(' ');
            else spaced.Append(c);
        }

        return spaced.ToString();
    }

    private static bool IsRemoved(char c, bool asian) =>
        c is '.' or ',' or '?' or ':' or ';' or '!' or '"' or '(' or ')' || (asian && IsAsianPunctuation(c));

    // U+3200 to U+3F22 is what the published pattern says, although it means the block that ends at U+32FF.
    private static bool IsIdeograph(char c) => c
        is (>= '\u4e00' and <= '\u9fff') or (>= '\u3400' and <= '\u4dbf') or (>= '\u31c0' and <= '\u31ef') or (>= '\u2e80' and <= '\u2eff')
        or (>= '\u3300' and <= '\u33ff') or (>= '\uf900' and <= '\ufaff') or (>= '\ufe30' and <= '\ufe4f') or (>= '\u3200' and <= '\u3f22');

    private static bool IsAsianPunctuation(char c) => c
        is '\u3001' or '\u3002' or (>= '\u3008' and <= '\u3011') or (>= '\u3014' and <= '\u301f') or (>= '\uff61' and <= '\uff65') or '\u30fb'
        or '\uff0e' or '\uff0c' or '\uff1f' or '\uff1a' or '\uff1b' or '\uff01' or '\uff02' or '\uff08' or '\uff09';
}
