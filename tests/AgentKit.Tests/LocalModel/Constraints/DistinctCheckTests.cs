using System.Text;
using System.Text.Json;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

public class DistinctCheckTests
{
    private const string UniqueNumbers = """{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}""";
    private const string UniqueTexts = """{"type": "array", "items": {"type": "string"}, "uniqueItems": true}""";
    private const string UniqueLists = """{"type": "array", "items": {"type": "array", "items": {"type": "integer"}}, "uniqueItems": true}""";

    [Theory]
    [InlineData(UniqueNumbers, "[1, 2, 12, 3]", true)]
    [InlineData(UniqueNumbers, "[1, 12, 1", true)]
    [InlineData(UniqueNumbers, "[1, 12, 1]", false)]
    [InlineData(UniqueNumbers, "[1, 1, ", false)]
    [InlineData(UniqueTexts, "[\"a\", \"ab\"]", true)]
    [InlineData(UniqueTexts, "[\"a\", \"\\u0061\"", false)]
    [InlineData(UniqueLists, "[[1], [1, 2], []]", true)]
    [InlineData(UniqueLists, "[[1, 2], [1, 2]", false)]
    [InlineData("{}", "{\"a\": 1, \"b\": {\"a\": 1}, \"c\": [{\"a\": 1}, {\"a\": 1}]}", true)]
    [InlineData("{}", "{\"a\": 1, \"b\": {\"a\": 1, \"a\"", false)]
    [InlineData("{}", "{\"a\": \"a\", \"\\u0061\"", false)]
    [InlineData("""{"properties": {"x": {"type": "integer"}}, "additionalProperties": true}""", "{\"x\": 1, \"y\": 2, \"z\": 3}", true)]
    [InlineData("""{"properties": {"x": {"type": "integer"}}, "additionalProperties": true}""", "{\"x\": 1, \"y\": 2, \"y\"", false)]
    public void Allows_ByteByByte_RefusesRepetition(string schema, string text, bool expected)
    {
        var constraint = Constraint(TestVocabulary.Bytes(), schema);
        Assert.Equal(expected, Encoding.UTF8.GetBytes(text).All(b => TryAccept(constraint, b)));
    }

    [Fact]
    public void ApplyMask_NameThatWouldRepeat_CannotBeClosed()
    {
        var constraint = Constraint(TestVocabulary.Random(2000, 2), "{}");
        constraint.AcceptText("{\"ab\": 1, \"a"u8);
        Assert.True(constraint.Allows('"'));
        constraint.Accept('b');
        var logits = new float[2000];
        constraint.ApplyMask(logits);
        Assert.Equal(float.NegativeInfinity, logits['"']);
        Assert.Equal(0f, logits['x']);
        Assert.All(Enumerable.Range(0, 2000), t => Assert.Equal(constraint.Allows(t), logits[t] == 0f));
    }

    [Fact]
    public void ApplyMask_OnlyRepetitionIsLeft_StepsBackInsteadOfBlocking()
    {
        var constraint = Constraint(TestVocabulary.Bytes(), """{"type": "array", "items": {"type": ["array"], "maxItems": 0}, "minItems": 2, "uniqueItems": true}""");
        constraint.AcceptText("[[], ["u8);
        var logits = new float[257];
        constraint.ApplyMask(logits);
        Assert.Equal(0f, logits[']']);
        constraint.Accept(']');
        constraint.Accept(']');
        Assert.True(constraint.IsFinished);
    }

    [Fact]
    public void Fork_AfterwardsEachRemembersItsOwn()
    {
        var constraint = Constraint(TestVocabulary.Bytes(), UniqueTexts);
        constraint.AcceptText("[\"a\", "u8);
        var fork = constraint.Fork();
        constraint.AcceptText("\"b\", "u8);
        fork.AcceptText("\"c\", \"b"u8);
        constraint.AcceptText("\"b"u8);
        Assert.True(fork.Allows('"'));
        Assert.False(constraint.Allows('"'));
    }

    private static bool TryAccept(GrammarConstraint constraint, int token)
    {
        if (!constraint.Allows(token))
            return false;
        constraint.Accept(token);
        return true;
    }

    private static GrammarConstraint Constraint(TokenVocabulary vocabulary, string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return new GrammarConstraint(vocabulary, JsonSchemaGrammar.Create(document.RootElement).Compile());
    }
}
