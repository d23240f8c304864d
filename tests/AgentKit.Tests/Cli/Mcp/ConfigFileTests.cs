using System.Text.Json.Nodes;
using AgentKit.Cli.Mcp.Clients;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli.Mcp;

public sealed class ConfigFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly ServerLaunch Launch = new("/opt/agentkit", ["mcp", "serve", "--root", "/my \"work\""], new Dictionary<string, string> { ["DOTNET_ROOT"] = "/usr/lib/dotnet" });

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Clients => [.. McpClients.All.Select(client => client.Name)];

    [Theory]
    [MemberData(nameof(Clients))]
    public void Write_NewFile_HoldsTheEntryAsTheClientWantsIt(string name)
    {
        McpClient client = McpClients.Find(name);
        string path = _folder[Path.Combine("deep", "config.json")];
        ConfigFile file = new(client, path);
        Assert.Equal((true, null), file.Write("agentkit", client.Entry(Launch), Now));
        JsonObject entry = new ConfigFile(client, path).Entry("agentkit")!;
        Assert.Equal("/opt/agentkit", (string?)entry["command"]);
        Assert.Equal("/my \"work\"", (string?)entry["args"]![3]);
        Assert.Equal("/usr/lib/dotnet", (string?)entry["env"]!["DOTNET_ROOT"]);
        Assert.Equal(name is "vscode" or "claude-code" ? "stdio" : name == "copilot-cli" ? "local" : null, (string?)entry["type"]);
        Assert.Equal(name == "copilot-cli", entry["tools"] is not null);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Write_ExistingFile_KeepsACopyOfItAndEverythingElse()
    {
        const string old = "{\n  // mine\n  \"servers\": {\n    \"mine\": {}\n  }\n}\n";
        string path = _folder["mcp.json"];
        File.WriteAllText(path, old);
        McpClient client = McpClients.Find("vscode");
        (bool changed, string? backup) = new ConfigFile(client, path).Write("agentkit", client.Entry(Launch), Now);
        Assert.True(changed);
        Assert.Equal(path + ".20260203-040506.bak", backup);
        Assert.Equal(old, File.ReadAllText(backup!));
        Assert.Contains("// mine", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.NotNull(new ConfigFile(client, path).Entry("mine"));
        Assert.Equal((false, null), new ConfigFile(client, path).Write("agentkit", client.Entry(Launch), Now.AddDays(1)));
    }

    [Fact]
    public void Write_FileThatTheClientCannotRead_IsRefusedWithItsLineAndLeftAlone()
    {
        string path = _folder["mcp.json"];
        File.WriteAllText(path, "{\n  \"mcpServers\": {},\n}\n");
        McpClient client = McpClients.Find("jetbrains");
        UserInputException error = Assert.Throws<UserInputException>(() => new ConfigFile(client, path).Write("agentkit", client.Entry(Launch), Now));
        Assert.Contains("line 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", error.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        File.WriteAllBytes(path, [(byte)'{', 0xFF, (byte)'}']);
        Assert.Throws<UserInputException>(() => new ConfigFile(client, path).Write("agentkit", client.Entry(Launch), Now));
    }

    [Fact]
    public void Write_LinkedFile_WritesTheFileBehindTheLink()
    {
        if (OperatingSystem.IsWindows()) return;
        string real = _folder["dotfiles.json"], link = _folder["mcp.json"];
        File.WriteAllText(real, "{}");
        File.CreateSymbolicLink(link, real);
        McpClient client = McpClients.Find("cursor");
        new ConfigFile(client, link).Write("agentkit", client.Entry(Launch), Now);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Contains("agentkit", File.ReadAllText(real), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownClient_NamesThoseThereAre() =>
        Assert.Contains("vscode, cursor, claude-desktop", Assert.Throws<UserInputException>(() => McpClients.Find("emacs")).Message, StringComparison.Ordinal);

    [Fact]
    public void File_ForAProjectOrForTheUser_IsTheClientsOwn()
    {
        Assert.Equal(Path.Combine("p", ".vscode", "mcp.json"), McpClients.Find("vscode").File(user: false, "p"));
        Assert.EndsWith(Path.Combine(".cursor", "mcp.json"), McpClients.Find("cursor").File(user: true, "p"), StringComparison.Ordinal);
        Assert.False(McpClients.Find("claude-desktop").File(user: false, "p").StartsWith('p'));
    }

    [Fact]
    public void Launch_OfTheProgramItself_IsAFullPathAndFindsTheRuntimeByItself()
    {
        ServerLaunch launch = ServerLaunch.Of(".", [], Path.Combine(Path.GetTempPath(), "agentkit"));
        Assert.Equal(["mcp", "serve", "--root", Path.GetFullPath(".")], launch.Arguments);
        Assert.True(Directory.Exists(Path.Combine(launch.Environment["DOTNET_ROOT"], "shared")));
        ServerLaunch hosted = ServerLaunch.Of(".", [], "/usr/bin/testhost");
        Assert.True(Path.IsPathFullyQualified(hosted.Command));
        Assert.EndsWith("agentkit.dll", hosted.Arguments[0], StringComparison.Ordinal);
    }
}
