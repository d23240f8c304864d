using AgentKit.Models.Constraints;

namespace AgentKit.Tests.LocalModel.Constraints;

public class GrammarCacheTests
{
    [Fact]
    public void GetOrBuild_KnownName_GivesTheSameGrammarUntilItIsDropped()
    {
        var cache = new GrammarCache<Grammar>(limit: 2);
        var first = cache.GetOrBuild("a", () => Build("a"));
        Assert.Same(first, cache.GetOrBuild("a", () => Build("x")));
        cache.GetOrBuild("b", () => Build("b"));
        Assert.Same(first, cache.GetOrBuild("a", () => Build("x")));
        cache.GetOrBuild("c", () => Build("c"));
        Assert.Same(first, cache.GetOrBuild("a", () => Build("x")));
        Assert.True(cache.GetOrBuild("b", () => Build("new")).Matches("new"));
    }

    private static Grammar Build(string text) => Grammar.Compile(Grammar.Literal(text));
}
