using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.Tests.Tools.Mcp.Hub;

public class NameTests
{
    [Theory]
    [InlineData("npx -y @modelcontextprotocol/server-everything", "everything")]
    [InlineData("npx -y @modelcontextprotocol/server-filesystem@2026.8.31 .", "filesystem")]
    [InlineData("uvx mcp-server-git --repository .", "git")]
    [InlineData("node /opt/server-memory/dist/index.js", "memory")]
    [InlineData("node index.js", "index")]
    [InlineData("dotnet exec out/Some.Server.dll x", "some")]
    [InlineData("TOKEN=1 github-mcp-server stdio", "github")]
    [InlineData("https://mcp.example.com/x?key=1", "example-com")]
    [InlineData("http://127.0.0.1:8080/mcp", "s-127-0-0-1")]
    [InlineData("sh 'notes server.sh' x", "notes")]
    [InlineData("mcp", "mcp")]
    public void NameOf_Specification_IsShortAndPlain(string spec, string name) =>
        Assert.Equal(name, McpServerEntry.NameOf(McpServerSpec.Parse(spec), []));

    [Fact]
    public void NameOf_TakenName_GetsANumber() =>
        Assert.Equal("git-3", McpServerEntry.NameOf(McpServerSpec.Parse("uvx mcp-server-git"), ["git", "git-2"]));

    [Theory]
    [InlineData("")]
    [InlineData("Git")]
    [InlineData("git_hub")]
    [InlineData("a234567890123456789012345")]
    public void Entry_NameThatDoesNotFit_IsRefused(string name) =>
        Assert.Throws<UserInputException>(() => new McpServerEntry(name, McpServerSpec.Parse("x")));

    [Fact]
    public void Prefixed_NamesThatBecomeEqual_StayApart()
    {
        var names = new ToolNames();
        string[] made = [.. new[] { "a.b", "a/b", "a_b", new string('x', 80) + "1", new string('x', 80) + "2" }.Select(tool => names.Prefixed("s", tool))];

        Assert.Equal("s_a_b", made[0]);
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.All(made, name => Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", name));
        Assert.Equal(64, made[3].Length);
    }
}
