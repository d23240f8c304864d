using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp;

namespace AgentKit.Tests.Tools.Mcp;

public class McpServerSpecTests
{
    [Theory]
    [InlineData("server", "server")]
    [InlineData("  npx -y  some-server  ", "npx|-y|some-server")]
    [InlineData("""server "My Folder" 'a "b" c' d" e"f""", """server|My Folder|a "b" c|d ef""")]
    [InlineData("""server "" ''""", "server||")]
    [InlineData("""server "say \"hi\"" it\'s""", """server|say "hi"|it's""")]
    [InlineData("""C:\tools\server.exe "C:\My Files\x" \\host\share""", """C:\tools\server.exe|C:\My Files\x|\\host\share""")]
    public void Parse_CommandLine_KeepsQuotedWordsTogether(string text, string words)
    {
        var spec = McpServerSpec.Parse(text);

        Assert.Equal(words, string.Join('|', [spec.Command, .. spec.Arguments]));
        Assert.Null(spec.Url);
    }

    [Fact]
    public void Parse_LeadingAssignments_SetTheEnvironment()
    {
        var spec = McpServerSpec.Parse("TOKEN=a=b MODE='x y' server KEEP=this");

        Assert.Equal("server", spec.Command);
        Assert.Equal(["KEEP=this"], spec.Arguments);
        Assert.Equal(new Dictionary<string, string> { ["TOKEN"] = "a=b", ["MODE"] = "x y" }, spec.Environment);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/mcp")]
    [InlineData(" https://example.com/mcp?x=1 ")]
    public void Parse_Address_IsAUrl(string text)
    {
        var spec = McpServerSpec.Parse(text);

        Assert.Equal(text.Trim(), spec.Url!.ToString());
        Assert.Null(spec.Command);
    }

    [Theory]
    [InlineData("", "must be a command or an http(s) address")]
    [InlineData("   ", "must be a command or an http(s) address")]
    [InlineData("NAME=value", "must be a command or an http(s) address")]
    [InlineData("server \"open", "a \" is not closed")]
    [InlineData("http://", "not a valid address")]
    [InlineData("https://a b/", "not a valid address")]
    public void Parse_Malformed_NamesTheOption(string text, string reason)
    {
        var fault = Assert.Throws<UserInputException>(() => McpServerSpec.Parse(text, "--tools"));

        Assert.Equal("--tools", fault.Field);
        Assert.Contains("--tools", fault.Message);
        Assert.Contains(reason, fault.Message);
    }
}
