using System.Runtime.InteropServices;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>How a client is to start this program as an MCP server, whatever folder and environment it starts it in.</summary>
internal sealed record ServerLaunch(string Command, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    private const string Program = "agentkit";

    /// <param name="root">The folder its file tools may read.</param>
    /// <param name="switches">Further arguments of <c>mcp serve</c>: tools to switch on.</param>
    /// <param name="processPath">This process's program.</param>
    public static ServerLaunch Of(string root, IReadOnlyList<string> switches, string? processPath)
    {
        bool hosted = Path.GetFileNameWithoutExtension(processPath) != Program;
        string[] serve = ["mcp", "serve", "--root", Path.GetFullPath(root), .. switches];
        return hosted
            ? new(Host(processPath), [Path.Combine(AppContext.BaseDirectory, $"{Program}.dll"), .. serve], new Dictionary<string, string>())
            : new(Path.GetFullPath(processPath!), serve, RuntimeVariables());
    }

    /// <summary>Whether the program lies where a build puts it: the next build replaces it while a client may run it.</summary>
    public bool IsBuildOutput => Command.Contains($"{Path.DirectorySeparatorChar}artifacts{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        || Arguments is [var first, ..] && first.EndsWith(".dll", StringComparison.Ordinal);

    private static string Host(string? processPath) =>
        Path.GetFileNameWithoutExtension(processPath) == "dotnet" ? processPath! : Path.Combine(RuntimeRoot(), OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");

    /// <summary>A program that is not self-contained looks for the runtime in few places; clients pass hardly any variables on.</summary>
    private static Dictionary<string, string> RuntimeVariables() =>
        Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()) == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)
            ? []
            : new() { ["DOTNET_ROOT"] = RuntimeRoot() };

    // <root>/shared/Microsoft.NETCore.App/<version>/
    private static string RuntimeRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
