using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

/// <summary>The real program in a process of its own, with a data directory that disappears with this object.</summary>
internal sealed class ChildCli : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("agentkit-");

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "agentkit.dll");

    /// <summary>Further variables of the program's environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Home => _home.FullName;

    /// <summary>A folder for the file tools.</summary>
    public string Folder => Directory.CreateDirectory(Path.Combine(Home, "folder")).FullName;

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>Starts the program; its standard input is an open pipe.</summary>
    public Process Start(params IEnumerable<string> args)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = Home,
        };
        start.Environment["AGENTKIT_HOME"] = Home;
        foreach ((string name, string value) in Environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Names an MCP server in agentkit.json, whose tools keep their names, and approves it.</summary>
    public async Task ApproveServerAsync(string name, string command, params string[] arguments)
    {
        object entry = new { command, args = arguments, prefix = false };
        await File.WriteAllTextAsync(
            Path.Combine(Home, "agentkit.json"),
            JsonSerializer.Serialize(new Dictionary<string, object> { ["mcpServers"] = new Dictionary<string, object> { [name] = entry } }));
        (int exitCode, _, string error) = await RunAsync(null, "mcp", "approve", name, "--yes");
        Assert.True(exitCode == 0, error);
    }

    /// <summary>Runs the program to its end.</summary>
    public async Task<(int ExitCode, string Out, string Error)> RunAsync(string? input, params string[] args)
    {
        using Process process = Start(args);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a command with <c>--json</c> and reads its one document.</summary>
    public async Task<(int ExitCode, JsonElement Document, string Error)> RunJsonAsync(params string[] args)
    {
        (int exitCode, string output, string error) = await RunAsync(null, [.. args, "--json"]);
        return (exitCode, JsonSerializer.Deserialize<JsonElement>(output), error);
    }
}
