using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class PromptLookupTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 5, 1, 2 }, 3, new[] { 3, 4, 5 })]
    [InlineData(new[] { 1, 2, 3, 4, 5, 1, 2 }, 9, new[] { 3, 4, 5, 1, 2 })]
    [InlineData(new[] { 9, 1, 2, 7, 8, 1, 2, 5, 9, 1, 2 }, 1, new[] { 7 })]
    [InlineData(new[] { 1, 2, 3 }, 4, new int[0])]
    [InlineData(new[] { 7, 7, 7, 7 }, 4, new[] { 7 })]
    [InlineData(new[] { 1, 2, 3, 1, 2 }, 0, new int[0])]
    [InlineData(new[] { 1 }, 4, new int[0])]
    public void Find_PatternSeenBefore_GivesWhatFollowedIt(int[] tokens, int most, int[] expected) =>
        Assert.Equal(expected, PromptLookup.Find(tokens, most).ToArray());
}
