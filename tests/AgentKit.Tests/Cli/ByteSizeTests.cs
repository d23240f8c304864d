using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tests.Cli;

public class ByteSizeTests
{
    [Theory]
    [InlineData("8000000000", 8_000_000_000)]
    [InlineData("8GB", 8_000_000_000)]
    [InlineData("8 GiB", 8L << 30)]
    [InlineData("8g", 8_000_000_000)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("512B", 512)]
    [InlineData("2tib", 2L << 40)]
    public void Parse_Size_GivesBytes(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse("--memory", text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1GB")]
    [InlineData("8 apples")]
    [InlineData("GB")]
    [InlineData("1.2.3G")]
    [InlineData("99999999TB")]
    public void Parse_NoSize_IsRefused(string text) =>
        Assert.Contains("--memory", Assert.Throws<UserInputException>(() => ByteSize.Parse("--memory", text)).Message, StringComparison.Ordinal);
}
