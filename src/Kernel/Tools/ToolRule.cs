using System.IO.Enumeration;

namespace AgentKit.Kernel.Tools;

/// <summary>An answer for all tools whose server and name fit patterns; <c>*</c> stands for any characters.</summary>
/// <param name="Server">
/// Pattern for where the tool comes from, written as the connection was: a rule for one address never covers another. <c>built-in</c>
/// names the host's own tools.
/// </param>
/// <param name="Tool">Pattern for the tool's name.</param>
/// <param name="Answer">The answer.</param>
public sealed record ToolRule(string Server, string Tool, ApprovalAnswer Answer)
{
    /// <summary>The server name of the host's own tools.</summary>
    public const string BuiltIn = "built-in";

    /// <summary>Whether the rule covers a tool.</summary>
    /// <param name="server">Where it comes from; <c>null</c> for the host's own.</param>
    /// <param name="tool">Its name.</param>
    public bool Covers(string? server, string tool) => Fits(Server, server ?? BuiltIn) && Fits(Tool, tool);

    // Only the star is special: addresses contain question marks, command lines contain backslashes.
    private static bool Fits(string pattern, string text)
    {
        string escaped = pattern.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);
        return FileSystemName.MatchesSimpleExpression(escaped, text, ignoreCase: false);
    }
}
