using System.Text;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

public class LazyGrammarTests
{
    private static readonly LazyPart Call = new("<tool_call>", Grammar.Sequence(Grammar.Literal("\n{"), Grammar.Repeat(Grammar.OneOf("0123456789"), 1, 3), Grammar.Literal("}\n</tool_call>")));

    [Theory]
    [InlineData("", true)]
    [InlineData("Just text, < and <tool_ca too.", true)]
    [InlineData("<tool_call>\n{12}\n</tool_call>", true)]
    [InlineData("I call: <tool_call>\n{1}\n</tool_call> and <tool_call>\n{2}\n</tool_call> done", true)]
    [InlineData("<tool_call>", false)]
    [InlineData("<tool_call>\n{x}\n</tool_call>", false)]
    [InlineData("a <tool_call>\n{1}\n</tool_call>b<tool_call>", false)]
    [InlineData("<<tool_call>{1}", false)]
    public void Build_Auto_ConstrainsOnlyAfterTheTrigger(string text, bool expected) => Assert.Equal(expected, Matches(text));

    [Theory]
    [InlineData("<tool_call>\n{1}\n</tool_call>", true)]
    [InlineData("<tool_call>\n{1}\n</tool_call>\n<tool_call>\n{2}\n</tool_call>", true)]
    [InlineData("", false)]
    [InlineData("text <tool_call>\n{1}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{1}\n</tool_call> text", false)]
    public void Build_Required_StartsAtOnce(string text, bool expected) => Assert.Equal(expected, Matches(text, atLeast: 1, textAfter: false));

    [Theory]
    [InlineData("a<tool_call>\n{1}\n</tool_call> text", true)]
    [InlineData("<tool_call>\n{1}\n</tool_call><tool_call>\n{2}\n</tool_call>", false)]
    [InlineData("text only", true)]
    public void Build_AtMostOne_AllowsNoSecondTrigger(string text, bool expected) => Assert.Equal(expected, Matches(text, atMost: 1));

    [Theory]
    [InlineData("<a>1 <b>2 <a>1", true)]
    [InlineData("<a>2", false)]
    [InlineData("<b>1", false)]
    public void Build_SeveralTriggers_EachHasItsBody(string text, bool expected)
    {
        var grammar = Grammar.Compile(LazyGrammar.Build(
            TestVocabulary.Bytes(), [new LazyPart("<a>", Grammar.Literal("1")), new LazyPart("<b>", Grammar.Literal("2"))]));
        Assert.Equal(expected, grammar.Matches(text));
    }

    [Fact]
    public void Allows_TokenThatFinishesTheTriggerAndGoesOn_IsHeldToTheBody()
    {
        byte[]?[] pieces = ["text <tool"u8.ToArray(), "_call>\n{"u8.ToArray(), "_call>{"u8.ToArray(), "7}\n</tool_call> bye"u8.ToArray(), "_call"u8.ToArray(), null];
        var constraint = new GrammarConstraint(new TokenVocabulary(pieces, [5]), Grammar.Compile(LazyGrammar.Build(TestVocabulary.Bytes(), [Call])));
        Assert.True(constraint.IsComplete);
        constraint.Accept(0);
        Assert.True(constraint.IsComplete);
        Assert.False(constraint.Allows(2));
        Assert.True(constraint.Allows(4));
        constraint.Accept(1);
        Assert.False(constraint.IsComplete);
        Assert.False(constraint.Allows(0));
        constraint.Accept(3);
        Assert.True(constraint.IsComplete);
    }

    [Fact]
    public void Allows_ControlTokenTrigger_IsNotMistakenForText()
    {
        var pieces = TestVocabulary.RandomPieces(320, 3);
        var vocabulary = new TokenVocabulary(pieces, [TestVocabulary.End], new Dictionary<int, string> { [310] = "<tool_call>", [311] = "<|other|>" });
        var constraint = new GrammarConstraint(vocabulary, Grammar.Compile(LazyGrammar.Build(vocabulary, [Call])));
        constraint.AcceptText(Encoding.UTF8.GetBytes("<tool_call> as text is text "));
        Assert.True(constraint.Allows('x'));
        constraint.Accept(311);
        Assert.True(constraint.Allows('x'));
        constraint.Accept(310);
        Assert.False(constraint.Allows('x'));
        Assert.True(constraint.Allows('\n'));
    }

    [Fact]
    public void MaskOf_FreeText_ForbidsOnlyTokensThatBreakTheBody()
    {
        var vocabulary = TestVocabulary.Random(3000, 8);
        var grammar = Grammar.Compile(LazyGrammar.Build(vocabulary, [Call]));
        var constraint = new GrammarConstraint(vocabulary, grammar);
        var forbidden = Enumerable.Range(0, vocabulary.Size).Where(t => !constraint.Allows(t)).ToArray();
        Assert.All(forbidden, t => Assert.True(
            vocabulary.Piece(t).ContainsAnyInRange((byte)0xF5, (byte)0xFF) || vocabulary.Piece(t).IsEmpty || vocabulary.Piece(t).IndexOf("<tool_call>"u8) >= 0));
    }

    private static bool Matches(string text, int atLeast = 0, int? atMost = null, bool textAfter = true) =>
        Grammar.Compile(LazyGrammar.Build(TestVocabulary.Bytes(), [Call], atLeast, atMost, textAfter)).Matches(text);
}
