using AgentKit.Kernel.Errors;
using AgentKit.Models.Pruning;

namespace AgentKit.Tests.Models.Pruning;

public class PrunePatternTests
{
    [Theory]
    [InlineData("unstructured", null, 0.5, 0, 0)]
    [InlineData("Unstructured", 0.3, 0.3, 0, 0)]
    [InlineData("2:4", null, 0.5, 2, 4)]
    [InlineData("1:4", 0.75, 0.75, 1, 4)]
    public void Parse_Pattern_GivesItsParts(string text, double? sparsity, double share, int keep, int group)
    {
        PrunePattern pattern = PrunePattern.Parse(text, sparsity);
        Assert.Equal((share, keep, group), (pattern.Sparsity, pattern.Keep, pattern.Group));
        Assert.Equal(text.ToLowerInvariant(), pattern.ToString());
    }

    [Theory]
    [InlineData("4:2", null, "pattern")]
    [InlineData("0:4", null, "pattern")]
    [InlineData("2:64", null, "pattern")]
    [InlineData("2:4:8", null, "pattern")]
    [InlineData("-1:4", null, "pattern")]
    [InlineData("", null, "pattern")]
    [InlineData("random", null, "pattern")]
    [InlineData("2:4", 0.6, "sparsity")]
    [InlineData("unstructured", 0.0, "sparsity")]
    [InlineData("unstructured", 1.0, "sparsity")]
    [InlineData("unstructured", double.NaN, "sparsity")]
    public void Parse_WrongPattern_NamesWhatIsWrong(string text, double? sparsity, string field) =>
        Assert.Equal(field, Assert.Throws<UserInputException>(() => PrunePattern.Parse(text, sparsity)).Field);
}
