using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A server a hub connects to.</summary>
public sealed partial record McpServerEntry
{
    /// <summary>Names a server.</summary>
    /// <param name="name">
    /// Begins the names of its tools, so that no server can pass itself off as another: a lower-case letter and up to 23 of a-z, 0-9 and -.
    /// </param>
    /// <param name="spec">How it is started or reached.</param>
    /// <exception cref="UserInputException">The name is malformed.</exception>
    public McpServerEntry(string name, McpServerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(spec);
        if (!Portable().IsMatch(name))
            throw new UserInputException(spec.Option, $"{spec.Option}: the server name '{name}' must be a lower-case letter and up to 23 of a-z, 0-9 and -");
        (Name, Spec, Source) = (name, spec, spec.Text);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How it is started or reached.</summary>
    public McpServerSpec Spec { get; }

    /// <summary>What rules about its tools call it, and what a person is shown.</summary>
    /// <value>The specification's text.</value>
    public string Source { get; init; }

    /// <summary>How far it is trusted.</summary>
    /// <value><see cref="McpTrust.FirstUse"/></value>
    public McpTrust Trust { get; init; }

    /// <summary>
    /// A hash of how the server is configured; a server approved with another one has to be approved again. <c>null</c> where the user
    /// types how it is started.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>
    /// Whether its tools' names begin with its own. Without that a name that is taken makes the hub refuse the server; meant for models that
    /// were trained on certain names.
    /// </summary>
    /// <value><c>true</c></value>
    public bool PrefixesNames { get; init; } = true;

    /// <summary>Answers for its tools by the server's own names; <c>*</c> stands for any characters. An exact name goes before patterns, of
    /// several patterns the one with the most characters that are no star, of equals the strictest answer.</summary>
    /// <value>None.</value>
    public IReadOnlyDictionary<string, ApprovalAnswer> Tools { get; init; } = new Dictionary<string, ApprovalAnswer>();

    /// <summary>Makes a name out of a specification: <c>npx -y @scope/server-files</c> becomes <c>files</c>, an address its host.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="taken">Names that are not free any more.</param>
    public static string NameOf(McpServerSpec spec, IReadOnlyCollection<string> taken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(taken);
        string name = Clean(spec.Url?.Host ?? ProgramOf(spec));
        string free = name;
        for (int i = 2; taken.Contains(free); i++) free = $"{name[..Math.Min(name.Length, 20)]}-{i}";
        return free;
    }

    /// <summary>The answer of <see cref="Tools"/> for a tool.</summary>
    /// <param name="tool">The server's own name of the tool.</param>
    /// <returns><c>null</c> when nothing covers it.</returns>
    public ApprovalAnswer? RuleFor(string tool)
    {
        if (Tools.TryGetValue(tool, out ApprovalAnswer exact)) return exact;
        return Tools.Where(rule => new ToolRule(Name, rule.Key, rule.Value).Covers(Name, tool))
            .OrderByDescending(rule => rule.Key.Count(c => c != '*'))
            .ThenByDescending(rule => rule.Value)
            .Select(rule => (ApprovalAnswer?)rule.Value)
            .FirstOrDefault();
    }

    /// <summary>The program, or what a program that only starts others is told to start.</summary>
    private static string ProgramOf(McpServerSpec spec)
    {
        string program = Path.GetFileNameWithoutExtension(spec.Command!.Replace('\\', '/'));
        if (!Launcher().IsMatch(program)) return program;
        string? started = spec.Arguments.FirstOrDefault(word => !word.StartsWith('-') && word is not ("exec" or "run" or "tool"));
        if (started is null) return program;
        string[] parts = started.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        // dist/index.js says nothing; the folder above it does.
        string last = Enumerable.Reverse(parts).FirstOrDefault(part => !Unspecific().IsMatch(part)) ?? parts[^1];
        int version = last.IndexOf('@', StringComparison.Ordinal);
        return CodeFile().Replace(version > 0 ? last[..version] : last, "");
    }

    private static string Clean(string text)
    {
        string name = Odd().Replace(text.ToLowerInvariant(), "-").Trim('-');
        name = Affix().Replace(name, "").Trim('-');
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0])) name = $"s-{name}".TrimEnd('-');
        return name[..Math.Min(name.Length, 24)].TrimEnd('-');
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,23}\\z")]
    private static partial Regex Portable();

    [GeneratedRegex("^(npx|node|npm|bunx?|deno|dotnet|python[0-9.]*|uvx?|pipx|sh|bash|env|docker)\\z", RegexOptions.IgnoreCase)]
    private static partial Regex Launcher();

    [GeneratedRegex("\\.(dll|exe|m?js|ts|py|sh)\\z", RegexOptions.IgnoreCase)]
    private static partial Regex CodeFile();

    [GeneratedRegex("^((index|main|server|cli|__main__)\\.[a-z]+|dist|build|out|bin|src|lib|\\.+)\\z", RegexOptions.IgnoreCase)]
    private static partial Regex Unspecific();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Odd();

    [GeneratedRegex("^(mcp-server-|server-|mcp-)(?=.)|(?<=.)(-mcp-server|-server|-mcp)\\z")]
    private static partial Regex Affix();
}
