using System.Globalization;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Mcp;

/// <summary>This program as an MCP server with the built-in tools: <c>agentkit mcp serve --root DIR</c> in a process of its own.</summary>
internal static class SelfServer
{
    private const string Program = "agentkit";

    // The child finds the runtime the way this process did.
    private static readonly string[] Inherited = ["DOTNET_ROOT", "DOTNET_ROLL_FORWARD"];

    /// <summary>The server as a child process.</summary>
    /// <param name="root">The folder its file tools may read.</param>
    /// <param name="maxReadBytes">Most bytes one read returns.</param>
    /// <param name="switches">Further arguments: tools to switch on.</param>
    /// <param name="processPath">This process's program.</param>
    public static McpServerSpec Spec(string root, int maxReadBytes, IReadOnlyList<string> switches, string? processPath)
    {
        string limit = maxReadBytes.ToString(CultureInfo.InvariantCulture);
        string[] words = [.. Launcher(processPath), "mcp", "serve", "--max-read-bytes", limit, "--root", root, .. switches];
        return McpServerSpec.OfCommand(words[0], words[1..], "--root") with
        {
            Environment = Inherited
                .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
                .Where(variable => variable.Value is not null)
                .ToDictionary(variable => variable.Name, variable => variable.Value!),
        };
    }

    /// <summary>The program itself, or <c>dotnet agentkit.dll</c> when another program, such as dotnet or a test host, hosts it.</summary>
    private static string[] Launcher(string? processPath)
    {
        string name = Path.GetFileNameWithoutExtension(processPath) ?? "";
        return name == Program
            ? [processPath!]
            : [name == "dotnet" ? processPath! : "dotnet", Path.Combine(AppContext.BaseDirectory, $"{Program}.dll")];
    }
}
