using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.App;

/// <summary>Where state lives: journal, knowledge, models.</summary>
/// <param name="Path">The absolute path; it may not exist yet.</param>
/// <param name="Source">Who decided: <c>--data</c>, <c>AGENTKIT_HOME</c> or <c>default</c>.</param>
internal sealed record DataDirectory(string Path, string Source)
{
    public string Journal => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>Rules about tool calls that the user has made for good.</summary>
    public string Approvals => System.IO.Path.Combine(Path, "approvals.json");

    /// <summary>MCP servers that the user has approved, with their tools as they were then.</summary>
    public string McpServers => System.IO.Path.Combine(Path, "mcp-servers.json");

    /// <summary>Knowledge files, <c>NAME.db</c> each.</summary>
    public string Knowledge => System.IO.Path.Combine(Path, "knowledge");

    public string Models => System.IO.Path.Combine(Path, "models");

    public static DataDirectory Resolve(string? option, Func<string, string?> environment)
    {
        if (option is not null)
        {
            if (string.IsNullOrWhiteSpace(option)) throw new UserInputException("--data", "--data is empty; a directory is expected.");
            return new(System.IO.Path.GetFullPath(option), "--data");
        }

        if (environment("AGENTKIT_HOME") is { Length: > 0 } home) return new(System.IO.Path.GetFullPath(home), "AGENTKIT_HOME");
        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (profile.Length == 0)
            throw new UserInputException("--data", "--data is needed: this account has no home directory and AGENTKIT_HOME is not set.");
        return new(System.IO.Path.Combine(profile, ".agentkit"), "default");
    }

    /// <summary>Creates the directory if need be.</summary>
    /// <exception cref="UserInputException">It is a file, or this account may not create it.</exception>
    public DataDirectory Ensure()
    {
        string field = Source == "AGENTKIT_HOME" ? Source : "--data";
        if (File.Exists(Path)) throw new UserInputException(field, $"{field}: {Path} is a file; a directory is expected.");
        try
        {
            Directory.CreateDirectory(Path);
            return this;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(field, $"{field}: the directory {Path} cannot be created ({e.Message})", e);
        }
    }
}
