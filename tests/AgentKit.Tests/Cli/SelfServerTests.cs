using AgentKit.Cli.Mcp;
using AgentKit.Tools.Mcp;

namespace AgentKit.Tests.Cli;

public class SelfServerTests
{
    [Fact]
    public void Spec_OwnProgram_StartsIt()
    {
        McpServerSpec spec = SelfServer.Spec("/data", 2048, ["--enable", "write"], "/opt/agentkit");
        Assert.Equal("/opt/agentkit", spec.Command);
        Assert.Equal(["mcp", "serve", "--max-read-bytes", "2048", "--root", "/data", "--enable", "write"], spec.Arguments);
    }

    [Theory]
    [InlineData("/usr/bin/dotnet", "/usr/bin/dotnet")]
    [InlineData("/somewhere/testhost", "dotnet")]
    [InlineData(null, "dotnet")]
    public void Spec_HostedByAnotherProgram_StartsTheLibraryWithDotnet(string? processPath, string command)
    {
        McpServerSpec spec = SelfServer.Spec("/data", 2048, [], processPath);
        Assert.Equal(command, spec.Command);
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "agentkit.dll"), spec.Arguments[0]);
    }

    [Theory]
    [InlineData("/with blank")]
    [InlineData("/it's")]
    [InlineData("/a \"quote\"")]
    [InlineData(@"C:\folder\")]
    public void Spec_UnusualRoot_ArrivesUnchanged(string root) =>
        Assert.Equal(root, SelfServer.Spec(root, 2048, [], "/opt/agentkit").Arguments[^1]);
}
