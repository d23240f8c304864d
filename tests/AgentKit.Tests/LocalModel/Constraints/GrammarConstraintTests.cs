using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Models.Sampling;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

public class GrammarConstraintTests
{
    private const string PersonSchema = """
        {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
         "tags": {"type": "array", "items": {"enum": ["a", "bé", "日本"]}}, "more": {}}, "required": ["name", "age"]}
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void MaskOf_StatesOnTheWay_EqualsBruteForce(int seed)
    {
        var vocabulary = TestVocabulary.Random(3000, seed);
        var random = new Random(seed);
        foreach (var grammar in new[] { FromSchema(PersonSchema), FromSchema("{}"), Grammar.Compile(Grammar.Any("</tool_call>")), FromSchema("""{"type": "number", "minimum": -3.25, "multipleOf": 0.05}""") })
        {
            var constraint = new GrammarConstraint(vocabulary, grammar);
            for (var step = 0; step < 25 && !constraint.IsFinished; step++)
            {
                var allowed = Enumerable.Range(0, vocabulary.Size).Where(constraint.Allows).ToArray();
                Assert.Equal(allowed, Masked(constraint, vocabulary.Size));
                constraint.Accept(allowed.Where(t => t != TestVocabulary.End).ToArray() is { Length: > 0 } on ? on[random.Next(on.Length)] : TestVocabulary.End);
            }
        }
    }

    [Fact]
    public void ApplyMask_LogitsBeyondTheVocabulary_AreForbiddenAndOthersKept()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), Grammar.Compile(Grammar.NoneOf("x")));
        var logits = Enumerable.Range(0, 300).Select(i => (float)i).ToArray();
        constraint.ApplyMask(logits);
        Assert.Equal(65f, logits['A']);
        Assert.All(logits[256..], l => Assert.Equal(float.NegativeInfinity, l));
        Assert.Equal(float.NegativeInfinity, logits['x']);
    }

    [Fact]
    public void IsComplete_OnlyAtTheEnd_AllowsTheEndToken()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), Grammar.Compile(Grammar.Repeat(Grammar.Literal("ab"), 1, 2)));
        Assert.False(constraint.Allows(TestVocabulary.End));
        Feed(constraint, "ab");
        Assert.True(constraint is { IsComplete: true, IsFinished: false });
        Assert.Equal(['a', TestVocabulary.End], Masked(constraint, 257));
        Feed(constraint, "ab");
        Assert.True(constraint is { IsComplete: true, IsFinished: true });
        constraint.Accept(TestVocabulary.End);
        Assert.True(constraint.IsFinished);
        Assert.False(constraint.Allows(TestVocabulary.End));
    }

    [Fact]
    public void Accept_ForbiddenToken_IsABug()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), Grammar.Compile(Grammar.Literal("a")));
        Assert.Throws<InvalidOperationException>(() => constraint.Accept('b'));
        Assert.False(constraint.Allows(-1));
        Assert.False(constraint.Allows(5000));
    }

    [Fact]
    public void ApplyMask_VocabularyLacksTheCharacter_SaysSo()
    {
        var vocabulary = new TokenVocabulary(["a"u8.ToArray(), null], [1]);
        var constraint = new GrammarConstraint(vocabulary, Grammar.Compile(Grammar.Literal("b")));
        Assert.Throws<UserInputException>(() => constraint.ApplyMask(new float[2]));
    }

    [Fact]
    public void TryGetForcedText_UntilTheFirstChoice_GivesTheText()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), FromSchema(PersonSchema));
        Assert.True(constraint.TryGetForcedText(out var text));
        Assert.Equal("{\"name\": \"", Encoding.UTF8.GetString(text));
        constraint.AcceptText(text);
        Assert.False(constraint.TryGetForcedText(out _));
        constraint.AcceptText("x\", \"age\": 15"u8);
        Assert.False(constraint.TryGetForcedText(out _));
        Assert.Throws<InvalidOperationException>(() => constraint.AcceptText("x"u8));
    }

    [Fact]
    public void Fork_AfterwardsEachGoesItsWay()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), Grammar.Compile(Grammar.Choice(Grammar.Literal("ab"), Grammar.Literal("cd"))));
        var fork = constraint.Fork();
        constraint.Accept('a');
        fork.Accept('c');
        Assert.True(constraint.Allows('b'));
        Assert.True(fork.Allows('d'));
    }

    [Fact]
    public void MaskOf_SameSchemaTwice_UsesKeptMasksWithinTheLimit()
    {
        var vocabulary = new TokenVocabulary(TestVocabulary.RandomPieces(3000, 5), [TestVocabulary.End], maskBytes: 4000);
        var grammar = FromSchema(PersonSchema);
        for (var round = 0; round < 2; round++)
        {
            var constraint = new GrammarConstraint(vocabulary, grammar);
            foreach (var value in "{\"name\": \"Ann\", \"age\": 7"u8)
            {
                constraint.ApplyMask(new float[3000]);
                constraint.Accept(value);
            }
        }

        Assert.InRange(vocabulary.MaskBytes, 1, 4000);
        Assert.Same(vocabulary.MaskOf(grammar.Start), vocabulary.MaskOf(grammar.Start));
    }

    [Fact]
    public void MaskOf_LongCountedText_SharesMasksFarFromTheEnds()
    {
        var vocabulary = TestVocabulary.Random(2000, 4);
        var grammar = FromSchema("""{"type": "string", "minLength": 500, "maxLength": 2000}""");
        var (early, later) = (grammar.Start.Next("\"aaaa"u8), grammar.Start.Next("\"aaaabbbbbb"u8));
        Assert.NotSame(early, later);
        Assert.Same(vocabulary.MaskOf(early), vocabulary.MaskOf(later));
    }

    [Fact]
    public void Allows_PartialCharacters_AreJoinedAcrossTokens()
    {
        var vocabulary = new TokenVocabulary([[0xF0, 0x9F], [0x98], [0x80], "\""u8.ToArray(), null], [4]);
        var constraint = new GrammarConstraint(vocabulary, FromSchema("""{"const": "😀"}"""));
        foreach (var token in new[] { 3, 0, 1, 2, 3 })
            constraint.Accept(token);
        Assert.True(constraint.IsFinished);
    }

    [Fact]
    public void Special_ControlToken_MatchesOnlyItself()
    {
        var pieces = TestVocabulary.RandomPieces(400, 1);
        var vocabulary = new TokenVocabulary(pieces, [TestVocabulary.End], new Dictionary<int, string> { [300] = "<call>", [301] = "<end>" });
        var constraint = new GrammarConstraint(vocabulary, Grammar.Compile(Grammar.Sequence(Grammar.Special("<call>"), Grammar.Literal("x"), Grammar.Special("<end>"))));
        Assert.Equal([300], Masked(constraint, 400));
        constraint.Accept(300);
        Assert.False(constraint.Allows(301));
        constraint.Accept('x');
        Assert.Equal([301], Masked(constraint, 400));
        Assert.False(constraint.TryGetForcedText(out _));
    }

    [Fact]
    public void BytesToFinish_GuidedChoice_AlwaysEndsInTime()
    {
        var vocabulary = TestVocabulary.Random(3000, 9);
        var constraint = new GrammarConstraint(vocabulary, FromSchema(PersonSchema));
        var text = new List<byte>();
        for (var left = constraint.BytesToFinish; !constraint.IsComplete; left = constraint.BytesToFinish)
        {
            var token = Enumerable.Range(0, 256).First(t => constraint.Allows(t) && After(constraint, t).BytesToFinish < left);
            constraint.Accept(token);
            text.Add((byte)token);
        }

        Assert.Equal("{\"name\": \"\", \"age\": 0}", Encoding.UTF8.GetString([.. text]));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(40)]
    public void Allows_LimitOfTokens_TheTextIsCompleteInTime(int limit)
    {
        var vocabulary = TestVocabulary.Random(2000, 3);
        var grammar = FromSchema("""{"type": "array", "items": {"type": "string"}, "minItems": 1}""");
        var constraint = new GrammarConstraint(vocabulary, grammar, limit);
        var sampler = new Sampler(SamplingOptions.Greedy with { Temperature = 1, TopK = 0, TopP = 1, MinP = 0.01f, Seed = 4 }, constraint);
        var random = new Random(limit);
        var text = new List<byte>();
        for (var i = 0; i < limit && !constraint.IsFinished; i++)
            text.AddRange(vocabulary.Piece(sampler.Next([.. Enumerable.Range(0, vocabulary.Size).Select(_ => random.NextSingle())], [])));
        Assert.True(constraint.IsComplete);
        Assert.True(grammar.Matches(Encoding.UTF8.GetString([.. text])));
    }

    [Fact]
    public void ClosedEarly_LimitThatIsNeverNear_IsFalse()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), FromSchema("""{"enum": ["ab"]}"""), 20);
        Feed(constraint, "\"ab\"");
        Assert.False(constraint.ClosedEarly);
    }

    [Fact]
    public void Allows_LimitBelowAnyText_IsNotWatched()
    {
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), FromSchema("""{"const": "a long text"}"""), 3);
        Feed(constraint, "\"a long text\"");
        Assert.True(constraint is { IsFinished: true, ClosedEarly: false });
    }

    [Fact]
    public void LongestAt_Text_IsTheLongestTokenThatBeginsIt()
    {
        var vocabulary = TestVocabulary.Random(3000, 8);
        var random = new Random(8);
        for (var round = 0; round < 300; round++)
        {
            byte[] text = [.. vocabulary.Piece(random.Next(257, 3000)), .. "xyz"u8];
            var longest = Enumerable.Range(0, vocabulary.Size).Where(t => !vocabulary.Piece(t).IsEmpty && text.AsSpan().StartsWith(vocabulary.Piece(t)))
                .Max(t => vocabulary.Piece(t).Length);
            var found = vocabulary.LongestAt(text);
            Assert.True(text.AsSpan().StartsWith(vocabulary.Piece(found)));
            Assert.Equal(longest, vocabulary.Piece(found).Length);
        }
    }

    private static GrammarConstraint After(GrammarConstraint constraint, int token)
    {
        var fork = constraint.Fork();
        fork.Accept(token);
        return fork;
    }

    private static void Feed(GrammarConstraint constraint, string text)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
            constraint.Accept(value);
    }

    private static int[] Masked(GrammarConstraint constraint, int size)
    {
        var logits = new float[size];
        constraint.ApplyMask(logits);
        return [.. Enumerable.Range(0, size).Where(t => logits[t] == 0f)];
    }

    private static Grammar FromSchema(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return JsonSchemaGrammar.Create(document.RootElement).Compile();
    }
}
