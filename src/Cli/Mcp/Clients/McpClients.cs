using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>The clients that <c>mcp config</c> and <c>mcp doctor</c> know.</summary>
internal static class McpClients
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<McpClient> All { get; } =
    [
        new("vscode", "VS Code", "servers", ".vscode/mcp.json", () => InSettings("Code", "User", "mcp.json"), true, Minute, true, 64, 128)
        {
            Extras = Type("stdio"),
        },
        new("cursor", "Cursor", "mcpServers", ".cursor/mcp.json", () => InHome(".cursor", "mcp.json"), false, Minute, true, 60, 40),
        new("claude-desktop", "Claude Desktop", "mcpServers", null, () => InSettings("Claude", "claude_desktop_config.json"), false, Minute, false, 64, 128)
        {
            Note = "Claude Desktop reads the file when it starts: quit it and start it again.",
        },
        new("claude-code", "Claude Code", "mcpServers", ".mcp.json", () => InHome(".claude.json"), false, TimeSpan.FromSeconds(5), true, 64, 128)
        {
            Extras = Type("stdio"),
        },
        new("jetbrains", "JetBrains Junie", "mcpServers", ".junie/mcp/mcp.json", () => InHome(".junie", "mcp", "mcp.json"), false, Minute, true, 64, 128)
        {
            Note = "This is Junie's file. The Copilot plugin has a file of its own, opened from its settings: there the servers lie under \"servers\".",
        },
        new("zed", "Zed", "context_servers", ".zed/settings.json", () => InZed("settings.json"), true, Minute, true, 64, 128),
        new("copilot-cli", "Copilot CLI", "mcpServers", null, () => InHome(".copilot", "mcp-config.json"), false, Minute, true, 64, 128)
        {
            Extras = new Dictionary<string, JsonNode> { ["type"] = "local", ["tools"] = new JsonArray("*") },
        },
    ];

    /// <exception cref="UserInputException">There is no such client.</exception>
    public static McpClient Find(string name) => All.FirstOrDefault(client => client.Name == name)
        ?? throw new UserInputException("--client", $"--client is '{name}'; allowed are {string.Join(", ", All.Select(client => client.Name))}.");

    private static Dictionary<string, JsonNode> Type(string type) => new() { ["type"] = type };

    private static string InHome(params ReadOnlySpan<string> parts) =>
        Path.Combine([Folder(Environment.SpecialFolder.UserProfile), .. parts]);

    // ~/.config, ~/Library/Application Support or %APPDATA%.
    private static string InSettings(params ReadOnlySpan<string> parts) =>
        Path.Combine([Folder(Environment.SpecialFolder.ApplicationData), .. parts]);

    // Zed keeps its settings in ~/.config on macOS too.
    private static string InZed(string file) => OperatingSystem.IsMacOS() ? InHome(".config", "zed", file) : InSettings(OperatingSystem.IsWindows() ? "Zed" : "zed", file);

    // Without this option a folder that is not there yet has no name, and the file would land in the current folder.
    private static string Folder(Environment.SpecialFolder folder) => Environment.GetFolderPath(folder, Environment.SpecialFolderOption.DoNotVerify);
}
