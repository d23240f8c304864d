using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;

namespace AgentKit.Tests.Cli;

public class HubSettingsTests
{
    [Fact]
    public void Read_NothingSet_IsThePublicHub()
    {
        HubOptions options = HubSettings.Read(_ => null);
        Assert.Equal((new Uri(HubOptions.DefaultAddress, "/"), null), (options.Address, options.Token));
    }

    [Theory]
    [InlineData("http://mirror:8080/hf", null, "http://mirror:8080/hf/")]
    [InlineData(null, "https://example.org/", "https://example.org/")]
    [InlineData("https://a.example", "https://b.example", "https://a.example/")]
    public void Read_Mirror_OwnVariableWins(string? own, string? common, string expected)
    {
        HubOptions options = HubSettings.Read(name => name switch { "AGENTKIT_HUB" => own, "HF_ENDPOINT" => common, _ => " t " });
        Assert.Equal((expected, "t"), (options.Address.ToString(), options.Token));
    }

    [Theory]
    [InlineData("mirror")]
    [InlineData("ftp://mirror")]
    public void Read_NoAddress_NamesTheVariable(string value) =>
        Assert.Equal("AGENTKIT_HUB", Assert.Throws<UserInputException>(() => HubSettings.Read(name => name == "AGENTKIT_HUB" ? value : null)).Field);

    [Theory]
    [InlineData("owner/name", "owner/name", null)]
    [InlineData("owner/name/a/b c.gguf", "owner/name", "a/b c.gguf")]
    public void Parse_Reference_SplitsRepositoryAndFile(string text, string repository, string? file) =>
        Assert.Equal(new HubReference(repository, file), HubReference.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("owner/")]
    [InlineData("owner/../x")]
    [InlineData("https://host/owner/name")]
    [InlineData("owner/name?x=1")]
    public void Parse_NoReference_IsRefused(string text) => Assert.Throws<UserInputException>(() => HubReference.Parse(text));
}
