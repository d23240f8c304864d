using AgentKit.Models;

namespace AgentKit.Tests.Models.Runtime;

public sealed class LongRunsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a short text, 12345")]
    public void Cut_OrdinaryText_StaysWhole(string text) => Assert.Equal([text], LongRuns.Cut(text));

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("7")]
    [InlineData("=")]
    [InlineData("😀")]
    [InlineData("éA")]
    public void Cut_LongRun_GivesShortRunsAndLosesNothing(string unit)
    {
        string text = "begin " + string.Concat(Enumerable.Repeat(unit, 30_000)) + " end";
        string[] pieces = [.. LongRuns.Cut(text)];
        Assert.Equal(text, string.Concat(pieces));
        Assert.True(pieces.Length > 1);
        Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, 8_300));
        Assert.All(pieces, piece => Assert.False(char.IsLowSurrogate(piece[0])));
    }
}
