using AgentKit.Cli.Mcp.Servers;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.Tests.Cli.Mcp;

public sealed class ServersFileTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private ServersFile Read(string json) => ServersFile.Read(_scratch.Write("agentkit.json", json));

    private McpServerEntry? Entry(string server, string name = "s", string? variable = null) =>
        Read($$$"""{"mcpServers": {"{{{name}}}": {{{server}}} }}""").Entry(name, key => key == "TOKEN" ? variable : null, "--tools");

    [Fact]
    public void Entry_Command_IsReadAsOtherClientsWriteIt()
    {
        McpServerEntry entry = Entry(
            """
            { // a comment
              "type": "stdio", "command": "npx", "args": ["-y", "a server", "--token=${TOKEN}"], "env": {"KEY": "${TOKEN}!"}, "cwd": "sub", "timeout_seconds": 5,
              "tools": {"read_*": "allow", "*": "ask", "drop": "deny"},
            }
            """,
            variable: "secret")!;

        Assert.Equal(("s", "s", McpTrust.Approved), (entry.Name, entry.Source, entry.Trust));
        Assert.Equal("npx", entry.Spec.Command);
        Assert.Equal(["-y", "a server", "--token=secret"], entry.Spec.Arguments);
        Assert.Equal("secret!", entry.Spec.Environment["KEY"]);
        Assert.Equal(_scratch["sub"], entry.Spec.WorkingDirectory);
        Assert.Equal(TimeSpan.FromSeconds(5), entry.Spec.ConnectTimeout);
        Assert.Equal([ApprovalAnswer.Allow, ApprovalAnswer.Ask, ApprovalAnswer.Deny], new[] { "read_x", "write", "drop" }.Select(tool => entry.RuleFor(tool)!.Value));
    }

    [Fact]
    public void Entry_Address_HasHeaders()
    {
        McpServerEntry entry = Entry("""{"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}""", variable: "t")!;

        Assert.Equal("https://mcp.example.com/mcp", entry.Spec.Url!.ToString());
        Assert.Equal("Bearer t", entry.Spec.Headers["Authorization"]);
    }

    [Fact]
    public void Fingerprint_ChangesWithTheEntryNotWithItsSecrets()
    {
        const string server = """{"command": "npx", "args": ["${TOKEN}"]}""";
        string first = Entry(server, variable: "1")!.Fingerprint!;

        Assert.Equal(first, Entry(server, variable: "2")!.Fingerprint);
        Assert.Equal(first, Entry("""{ "command" : "npx", "args":["${TOKEN}"] }""", variable: "1")!.Fingerprint);
        Assert.NotEqual(first, Entry("""{"command": "npx", "args": ["${TOKEN}", "--evil"]}""", variable: "1")!.Fingerprint);
        Assert.NotEqual(first, Entry("""{"command": "npx", "args": ["${TOKEN}"], "tools": {"*": "allow"}}""", variable: "1")!.Fingerprint);
    }

    [Fact]
    public void Limits_OfTheFile_AreRead()
    {
        ServersFile file = Read("""{"mcp": {"most_tools": 12, "call_timeout_seconds": 2.5}, "other": 1}""");

        Assert.Equal((12, TimeSpan.FromSeconds(2.5)), (file.Limits.MostTools, file.Limits.CallTimeout));
        Assert.Null(file.Entry("x", _ => null, "--tools"));
    }

    [Theory]
    [InlineData("""{"mcpServers": []}""", "mcpServers: an object is expected")]
    [InlineData("""{"mcpServers": {"s": 1}}""", "mcpServers.s: an object is expected")]
    [InlineData("""{"mcpServers": {"s": {}}}""", "mcpServers.s: \"command\" or \"url\" is needed")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "url": "http://x"}}}""", "only one of them")]
    [InlineData("""{"mcpServers": {"s": {"url": "x"}}}""", "mcpServers.s.url: an http or https address is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "args": "y"}}}""", "mcpServers.s.args: an array of texts is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "args": [1]}}}""", "mcpServers.s.args: an array of texts is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "env": {"A": 1}}}}""", "mcpServers.s.env.A: a text is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "envs": {}}}}""", "mcpServers.s.envs: there is no such setting")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "tools": {"*": "yes"}}}}""", "mcpServers.s.tools.*: allow, ask or deny is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "prefix": 1}}}""", "mcpServers.s.prefix: true or false is expected")]
    [InlineData("""{"mcpServers": {"s": {"command": "x", "timeout_seconds": 0}}}""", "mcpServers.s.timeout_seconds: a number from 1 to 3600")]
    [InlineData("""{"mcpServers": {"s": {"command": "${NOT_SET}"}}}""", "the environment variable NOT_SET is not set")]
    [InlineData("""{"mcp": {"most_tools": 0}}""", "mcp.most_tools: a number from 1 to 1000 is expected, found 0")]
    [InlineData("""{"mcp": {"mosttools": 1}}""", "mcp.mosttools: there is no such setting")]
    [InlineData("[]", "an object such as")]
    [InlineData("{", "not JSON")]
    public void Read_MalformedFile_NamesThePlace(string json, string message)
    {
        var fault = Assert.Throws<UserInputException>(() => Read(json).Entry("s", _ => null, "--tools"));

        Assert.Equal("--config", fault.Field);
        Assert.Contains(message, fault.Message);
        Assert.Contains("agentkit.json", fault.Message);
    }
}
