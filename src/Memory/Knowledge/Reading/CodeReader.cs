using System.Text.RegularExpressions;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>
/// Source code by declaration. Languages differ in syntax but hardly in layout: a declaration begins at a line with one of the usual keywords
/// or with a signature, and reaches to the next one that is not indented more. Comments and attributes right above belong to it.
/// </summary>
internal static partial class CodeReader
{
    private const int LongestLine = 400;

    public static ReadDocument Read(string text)
    {
        var blocks = new BlockList();
        var levels = new Stack<int>();
        int above = -1;
        var lines = new LineScanner(text);
        while (lines.Next())
        {
            ReadOnlySpan<char> line = lines.Line;
            ReadOnlySpan<char> trimmed = line.TrimStart();
            if (trimmed.IsEmpty)
            {
                above = -1;
                continue;
            }

            int indent = line.Length - trimmed.Length;
            if (NameOf(trimmed) is { } name)
            {
                while (levels.TryPeek(out int level) && level >= indent) levels.Pop();
                levels.Push(indent);
                int start = above >= 0 ? above : lines.Start;
                blocks.CloseBefore(start);
                blocks.Headings.Enter(levels.Count, name);
                blocks.Extend(start, lines.End, BlockKind.Lines);
                above = -1;
                continue;
            }

            bool lead = trimmed[0] is '/' or '#' or '*' or '[' or '@' || trimmed.StartsWith("--") || trimmed.StartsWith("<!--");
            above = !lead ? -1 : above >= 0 ? above : lines.Start;
            blocks.Extend(lines.Start, lines.End, BlockKind.Lines);
        }

        return new ReadDocument(text, blocks.ToList());
    }

    /// <summary>The name that a line declares, <c>null</c> when it declares nothing.</summary>
    private static string? NameOf(ReadOnlySpan<char> line)
    {
        if (line.Length > LongestLine) return null;
        string text = line.ToString();
        try
        {
            Match match = Keyword().Match(text);
            if (!match.Success) match = Signature().Match(text);
            return match.Success ? match.Groups["name"].Value : null;
        }
        catch (RegexMatchTimeoutException)
        {
            // Made to take long, or the machine stood still: a line like any other.
            return null;
        }
    }

    [GeneratedRegex(
        @"^(?:(?:export|default|public|private|protected|internal|static|abstract|sealed|final|partial|async|override|virtual|readonly|ref|unsafe"
        + @"|pub(?:\([a-z]+\))?|inline|extern|data|open|const)\s+)*"
        + @"(?:class|struct|record(?:\s+(?:class|struct))?|interface|enum|namespace|module|trait|impl(?:<[^>]*>)?|def|func|fun|fn|function\*?|type|object"
        + @"|union|macro|sub|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TABLE|VIEW|FUNCTION|PROCEDURE|INDEX))\s+"
        + @"(?:\([^)]*\)\s*)?(?<name>[\w.$:]+)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Keyword();

    // A member in the manner of C, C# and Java: words, a name, a list in parentheses, no statement.
    [GeneratedRegex(
        @"^(?!(?:return|throw|await|new|else|if|for|foreach|while|switch|using|lock|catch|yield|case|var|let|goto|not|and|or|in|is|raise|print|assert"
        + @"|del|elif|with|do|try)\b)"
        + @"(?:[\w<>\[\],.?*&:~]+\s+)+[*&]*(?<name>~?[\w.]+)\s*(?:<[\w\s,]+>)?\((?:[^;]*|[^;]*=>.*)$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Signature();
}
