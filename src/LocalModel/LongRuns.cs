using System.Globalization;

namespace AgentKit.Models;

/// <summary>
/// Cuts texts inside very long runs of one kind of character. llama.cpp v0.5.0 matches such a run with a recursive regular expression for some
/// pre-tokenizers; from about 30,000 characters on that overflows the stack and ends the process.
/// </summary>
internal static class LongRuns
{
    private const int LongestRun = 8_192;

    /// <summary>Pre-tokenizers with a matcher of their own in llama.cpp; 300,000 characters in a run do them no harm.</summary>
    private static readonly HashSet<string> Safe =
        ["qwen2", "qwen35", "llama-bpe", "llama3", "llama-v3", "gpt-2", "smollm", "starcoder", "command-r", "chatglm-bpe", "kimi-k2"];

    /// <summary>Whether texts for this model must be cut. Only byte-pair tokenizers match regular expressions.</summary>
    public static bool AreDangerous(ModelInfo info) => info.Tokenizer == "gpt2" && !Safe.Contains(info.PreTokenizer ?? "");

    /// <summary>The text in pieces; one piece unless a run is longer than 8,192 characters.</summary>
    public static IEnumerable<string> Cut(string text)
    {
        int start = 0;
        int run = 0;
        for (int i = 0; i < text.Length; i++)
        {
            run = i > 0 && Kind(text[i]) == Kind(text[i - 1]) ? run + 1 : 1;
            if (run > LongestRun && !char.IsLowSurrogate(text[i]))
            {
                yield return text[start..i];
                (start, run) = (i, 1);
            }
        }

        yield return text[start..];
    }

    private static int Kind(char c) => char.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => 0,
        <= UnicodeCategory.EnclosingMark => 1,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => 2,
        _ => 3,
    };
}
