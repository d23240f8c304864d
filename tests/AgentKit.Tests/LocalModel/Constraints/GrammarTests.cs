using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;

namespace AgentKit.Tests.LocalModel.Constraints;

public class GrammarTests
{
    private static readonly GrammarExpression A = Grammar.Literal("a");
    private static readonly GrammarExpression Digit = Grammar.Between((Rune)'0', (Rune)'9');

    [Theory]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("aa", true)]
    [InlineData("aaaa", true)]
    [InlineData("aaaaa", false)]
    public void Matches_BoundedRepetition_CountsExactly(string text, bool expected) =>
        Assert.Equal(expected, Grammar.Compile(Grammar.Repeat(A, 2, 4)).Matches(text));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(3, 3, 3)]
    [InlineData(0, 900, 900)]
    [InlineData(700, 900, 800)]
    [InlineData(700, 900, 699)]
    [InlineData(700, 900, 901)]
    [InlineData(5, null, 4)]
    [InlineData(5, null, 5000)]
    public void Matches_RepetitionBounds_AreKept(int minimum, int? maximum, int count) => Assert.Equal(
        count >= minimum && count <= (maximum ?? int.MaxValue),
        Grammar.Compile(Grammar.Repeat(A, minimum, maximum)).Matches(new string('a', count)));

    [Theory]
    [InlineData("[]", true)]
    [InlineData("[[],[[]]]", true)]
    [InlineData("[[]", false)]
    [InlineData("[]]", false)]
    public void Matches_RecursiveRule_Nests(string text, bool expected)
    {
        var list = Grammar.Rule("list");
        list.Define(Grammar.Sequence(
            Grammar.Literal("["),
            Grammar.Optional(Grammar.Sequence(list, Grammar.Repeat(Grammar.Sequence(Grammar.Literal(","), list)))),
            Grammar.Literal("]")));
        Assert.Equal(expected, Grammar.Compile(list).Matches(text));
    }

    [Fact]
    public void Matches_DeepNesting_NeedsNoDeepCalls()
    {
        var list = Grammar.Rule("list");
        list.Define(Grammar.Sequence(Grammar.Literal("["), Grammar.Optional(list), Grammar.Literal("]")));
        var grammar = Grammar.Compile(list);
        Assert.True(grammar.Matches(new string('[', 20_000) + new string(']', 20_000)));
        Assert.False(grammar.Matches(new string('[', 20_000) + new string(']', 19_999)));
    }

    [Theory]
    [InlineData("aaa")]
    [InlineData("")]
    public void Matches_RepeatedEmptyBody_Ends(string text)
    {
        var inner = Grammar.Repeat(Grammar.Optional(A), 3, 7);
        Assert.True(Grammar.Compile(Grammar.Repeat(Grammar.Repeat(inner), 2)).Matches(text));
        Assert.True(Grammar.Compile(Grammar.Repeat(Grammar.Sequence(Grammar.Optional(A), Grammar.Repeat(A)), 5, 1000)).Matches(text));
    }

    [Fact]
    public void Matches_CountedEmptyBody_KeepsTheUpperBound()
    {
        var grammar = Grammar.Compile(Grammar.Repeat(Grammar.Optional(A), 2, 3));
        Assert.True(grammar.Matches(""));
        Assert.True(grammar.Matches("aaa"));
        Assert.False(grammar.Matches("aaaa"));
    }

    [Theory]
    [InlineData("é", true)]
    [InlineData("😀", true)]
    [InlineData("\uD7FF", true)]
    [InlineData("\uE000", true)]
    [InlineData("\0", true)]
    [InlineData("x", false)]
    [InlineData("ab", false)]
    public void Matches_NegatedCharacter_IsOneScalarValue(string text, bool expected) =>
        Assert.Equal(expected, Grammar.Compile(Grammar.NoneOf("xy")).Matches(text));

    [Fact]
    public void Matches_CharacterRanges_AgreeWithComparison()
    {
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            var (a, b) = (RandomRune(random), RandomRune(random));
            var (low, high) = a < b ? (a, b) : (b, a);
            var grammar = Grammar.Compile(Grammar.Between(low, high));
            Rune[] probes = [.. Enumerable.Range(0, 50).Select(_ => RandomRune(random)), low, high, (Rune)0x7F, (Rune)0x80, (Rune)0x7FF, (Rune)0x800, (Rune)0xFFFF, (Rune)0x10000];
            Assert.All(probes, p => Assert.Equal(p >= low && p <= high, grammar.Matches(p.ToString())));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    public void Next_InvalidUtf8_IsRefused(byte[] bytes) => Assert.True(Grammar.Compile(Grammar.NoneOf("")).Start.Next(bytes).IsDead);

    [Theory]
    [InlineData("stop", true)]
    [InlineData("ststop", true)]
    [InlineData("any text, ststoststop", true)]
    [InlineData("stopx", false)]
    [InlineData("stop stop", false)]
    [InlineData("sto", false)]
    public void Matches_AnyUpToStop_EndsAtTheFirstStop(string text, bool expected) =>
        Assert.Equal(expected, Grammar.Compile(Grammar.Any("stop")).Matches(text));

    [Fact]
    public void Compile_LeftRecursion_NamesTheCycle()
    {
        var (a, b) = (Grammar.Rule("first"), Grammar.Rule("second"));
        a.Define(Grammar.Choice(Grammar.Sequence(Grammar.Optional(Digit), b), Digit));
        b.Define(Grammar.Sequence(a, Digit));
        var error = Assert.Throws<UserInputException>(() => Grammar.Compile(a));
        Assert.Contains("first → second → first", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_UndefinedRule_NamesIt() =>
        Assert.Contains("'lost'", Assert.Throws<UserInputException>(() => Grammar.Compile(Grammar.Rule("lost"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Compile_NothingMatches_IsRefused()
    {
        var endless = Grammar.Rule("endless");
        endless.Define(Grammar.Sequence(Digit, endless));
        Assert.Throws<UserInputException>(() => Grammar.Compile(endless));
        Assert.Throws<UserInputException>(() => Grammar.Compile(Grammar.Choice()));
    }

    [Fact]
    public void Next_BranchThatCannotEnd_IsPruned()
    {
        var endless = Grammar.Rule("endless");
        endless.Define(Grammar.Sequence(Digit, endless));
        var grammar = Grammar.Compile(Grammar.Choice(Grammar.Sequence(A, endless), Grammar.Literal("b")));
        Assert.True(grammar.Start.Next("a"u8).IsDead);
        Assert.True(grammar.Matches("b"));
    }

    [Fact]
    public void Next_TooAmbiguous_IsRefusedWithWords()
    {
        var grammar = Grammar.Compile(Grammar.Repeat(Grammar.Repeat(A, 1, 300), 1, 300));
        Assert.Throws<UserInputException>(() => grammar.Matches(new string('a', 300)));
    }

    [Fact]
    public void Define_Twice_IsABug() => Assert.Throws<InvalidOperationException>(() => Grammar.Rule("r").Define(A).Define(A));

    [Fact]
    public void BytesToFinish_CountsTheShortestEnd()
    {
        var grammar = Grammar.Compile(Grammar.Sequence(Grammar.Repeat(A, 3, 9), Grammar.Literal("end")));
        Assert.Equal(6, grammar.Start.BytesToFinish);
        Assert.Equal(4, grammar.Start.Next("aa"u8).BytesToFinish);
        Assert.Equal(0, grammar.Start.Next("aaaend"u8).BytesToFinish);
    }

    private static Rune RandomRune(Random random)
    {
        int[] limits = [0x80, 0x800, 0xD800, 0x10FFFF];
        return new Rune(random.Next(limits[random.Next(limits.Length)]) is var v and (< 0xD800 or > 0xDFFF) ? v : 'q');
    }
}
