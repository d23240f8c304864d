using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

/// <summary>The configuration that is written starts a server that the doctor finds well; broken ones are named.</summary>
public sealed class McpClientTests : IDisposable
{
    private readonly ChildCli _cli = new();

    private string ConfigPath => Path.Combine(_cli.Home, ".cursor", "mcp.json");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Doctor_OfWhatConfigWrote_FindsEverythingWell()
    {
        (int written, JsonElement config, _) = await _cli.RunJsonAsync("mcp", "config", "--client", "cursor", "--write", "--root", _cli.Folder);
        Assert.Equal(0, written);
        Assert.True(config.GetProperty("written").GetBoolean());
        (int exitCode, JsonElement result, string error) = await _cli.RunJsonAsync("mcp", "doctor", "--client", "cursor");
        Assert.True(exitCode == 0, error);
        Assert.Equal(["config", "command", "answer", "tools", "names", "exit"], Names(result));
        Assert.All(result.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean(), check.GetRawText()));
    }

    [Fact]
    public async Task Config_WithoutWrite_PrintsAndTouchesNothing()
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "mcp", "config", "--client", "vscode");
        Assert.Equal(0, exitCode);
        Assert.Equal("stdio", JsonDocument.Parse(output).RootElement.GetProperty("servers").GetProperty("agentkit").GetProperty("type").GetString());
        Assert.Contains(Path.Combine(".vscode", "mcp.json"), error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_cli.Home, ".vscode")));
    }

    [UnixFact]
    public async Task Config_FreshHome_NamesAFullPathForEveryClient()
    {
        _cli.Environment["HOME"] = Path.Combine(_cli.Home, "nobody-was-here");
        foreach (string client in new[] { "vscode", "cursor", "claude-desktop", "claude-code", "jetbrains", "zed", "copilot-cli" })
        {
            (_, JsonElement config, _) = await _cli.RunJsonAsync("mcp", "config", "--client", client, "--user", "--enable", "write");
            Assert.StartsWith(_cli.Environment["HOME"], config.GetProperty("file").GetString(), StringComparison.Ordinal);
            Assert.Contains("\"--enable\"", config.GetProperty("config").GetRawText(), StringComparison.Ordinal);
        }
    }

    [UnixFact]
    public async Task Doctor_BrokenServers_NamesWhatTheClientWouldStumbleOver()
    {
        Assert.Contains("config --client cursor --write", await FailureAsync(null), StringComparison.Ordinal);
        Assert.Contains("there is no file", await FailureAsync("""{"command": "/no/such/program"}"""), StringComparison.Ordinal);
        Assert.Contains("something else than the protocol", await FailureAsync("""{"command": "/bin/echo", "args": ["Building..."]}"""), StringComparison.Ordinal);
        Assert.Contains("out of order", await FailureAsync("""{"command": "/bin/sh", "args": ["-c", "echo out of order >&2; sleep 1"]}"""), StringComparison.Ordinal);
        Assert.Contains("belongs to the protocol", await FailureAsync("""{"command": "dotnet", "args": ["run"]}"""), StringComparison.Ordinal);
        Assert.Contains("\"command\"", await FailureAsync("""{"args": [1]}"""), StringComparison.Ordinal);
    }

    private async Task<string> FailureAsync(string? entry)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ConfigPath)!);
        await File.WriteAllTextAsync(ConfigPath, $$"""{"mcpServers": { {{(entry is null ? "" : $"\"agentkit\": {entry}")}} } }""");
        (int exitCode, _, string error) = await _cli.RunAsync(null, "mcp", "doctor", "--client", "cursor");
        Assert.Equal(1, exitCode);
        return error;
    }

    private static string[] Names(JsonElement result) => [.. result.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()!)];
}
