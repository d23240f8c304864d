using System.Text.Json;

namespace AgentKit.SlowTests.Cli;

public sealed class McpCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();

    private string Server => $"dotnet '{ChildCli.Program}' mcp serve --root '{_cli.Folder}'";

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Tools_OfItsOwnServer_AreTheBuiltInOnes()
    {
        (int exitCode, JsonElement result, _) = await _cli.RunJsonAsync("mcp", "tools", "--server", Server);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            ["calculator", "clock", "list_files", "read_file", "search_files"],
            result.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task Tools_WithAModel_SayWhatTheirSchemasCost()
    {
        (int exitCode, JsonElement result, _) = await _cli.RunJsonAsync("mcp", "tools", "--server", Server, "-m", "nano");
        Assert.Equal(0, exitCode);
        int[] tokens = [.. result.GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("tokens").GetInt32())];
        Assert.All(tokens, cost => Assert.True(cost > 5));
        Assert.True(result.GetProperty("tokens").GetInt32() >= tokens.Sum());
    }

    [Fact]
    public async Task Call_Calculator_PrintsItsResult()
    {
        (int exitCode, string output, string error) = await _cli.RunAsync(null, "mcp", "call", "calculator", """{"expression":"347 + 518"}""", "--server", Server);
        Assert.Equal((0, "865", ""), (exitCode, output.Trim(), error));
    }

    [Fact]
    public async Task Call_ToolFails_ExitsWithOneAndItsMessage()
    {
        (int exitCode, JsonElement result, string error) = await _cli.RunJsonAsync("mcp", "call", "read_file", """{"path":"../secret"}""", "--server", Server);
        Assert.Equal(1, exitCode);
        Assert.NotEmpty(result.GetProperty("error").GetString()!);
        Assert.StartsWith("error: read_file: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_UnknownTool_ExitsWithTwoAndNamesTheTools()
    {
        (int exitCode, _, string error) = await _cli.RunAsync(null, "mcp", "call", "fly", "{}", "--server", Server);
        Assert.Equal(2, exitCode);
        Assert.Contains("calculator, clock, list_files", error, StringComparison.Ordinal);
    }
}
