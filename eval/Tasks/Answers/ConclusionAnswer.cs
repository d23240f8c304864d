using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Answers;

/// <summary>Finds what a chain of thought concludes: <c>So the answer is X.</c></summary>
internal static partial class ConclusionAnswer
{
    /// <summary>What follows the last "the answer is"; the last line when nothing does.</summary>
    public static string Find(string text)
    {
        if (Conclusion().Matches(text) is { Count: > 0 } found) return Clean(found[^1].Groups[1].Value);
        return Clean(text.Trim().Split('\n')[^1]);
    }

    /// <summary>Without regard to case and space; <c>A</c> and <c>(A)</c> are the same option.</summary>
    public static bool AreEqual(string found, string right) => Comparable(found) == Comparable(right);

    private static string Clean(string text) => text.Trim().Trim('*', '"', '\'').TrimEnd('.').Trim();

    private static string Comparable(string text)
    {
        string plain = Spaces().Replace(Clean(text).ToLowerInvariant(), " ");
        return Option().Match(plain) is { Success: true } option ? option.Groups[1].Value : plain;
    }

    [GeneratedRegex(@"[Tt]he answer is:?\s*((?:(?![Tt]he answer is).)+)", RegexOptions.CultureInvariant)]
    private static partial Regex Conclusion();

    [GeneratedRegex(@"^\(?([a-z])(?:\)(?:\s.*)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();
}
