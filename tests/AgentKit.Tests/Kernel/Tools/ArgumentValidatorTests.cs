using System.Text.Json;
using AgentKit.Kernel.Tools;

namespace AgentKit.Tests.Kernel.Tools;

public class ArgumentValidatorTests
{
    private const string File = """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""";

    private static IReadOnlyList<string> Validate(string schema, string arguments)
    {
        using var schemaDocument = JsonDocument.Parse(schema);
        using var argumentDocument = JsonDocument.Parse(arguments);
        return ArgumentValidator.Validate(schemaDocument.RootElement, argumentDocument.RootElement);
    }

    private static string Property(string schema) => $$$"""{"type":"object","properties":{"x":{{{schema}}}}}""";

    [Theory]
    [InlineData("""{"path":"a.txt"}""")]
    [InlineData("""{"path":""}""")]
    public void Validate_FittingArguments_ReturnsNothing(string arguments) => Assert.Empty(Validate(File, arguments));

    [Theory]
    [InlineData("{}", "missing required argument 'path', expected a string")]
    [InlineData("""{"path":5}""", "argument 'path' must be a string, found 5")]
    [InlineData("""{"path":null}""", "argument 'path' must be a string, found null")]
    [InlineData("""{"path":["a"]}""", "argument 'path' must be a string, found an array")]
    [InlineData("""{"path":"a","mode":"x"}""", "unknown argument 'mode', allowed: 'path'")]
    [InlineData("""{"path":"a","path":"b"}""", "argument 'path' is given twice")]
    [InlineData("[]", "the arguments must be an object, found an array")]
    [InlineData("\"a\"", "the arguments must be an object, found the string \"a\"")]
    public void Validate_WrongArguments_NamesThem(string arguments, string fault) => Assert.Equal([fault], Validate(File, arguments));

    [Fact]
    public void Validate_SeveralFaults_ReturnsAllOfThem() => Assert.Equal(
        ["missing required argument 'path', expected a string", "unknown argument 'file', allowed: 'path'"],
        Validate(File, """{"file":"a"}"""));

    [Fact]
    public void Validate_NoArgumentsDeclared_RefusesAny() =>
        Assert.Equal(["unknown argument 'zone', none is allowed"], Validate("""{"type":"object","properties":{}}""", """{"zone":"UTC"}"""));

    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":true}""")]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":{"type":"string"}}""")]
    [InlineData("true")]
    [InlineData("{}")]
    public void Validate_OpenSchema_AcceptsUnknownArguments(string schema) => Assert.Empty(Validate(schema, """{"a":"b"}"""));

    [Fact]
    public void Validate_AdditionalPropertiesSchema_ChecksTheirValues() => Assert.Equal(
        ["argument 'a' must be a string, found 1"],
        Validate("""{"type":"object","additionalProperties":{"type":"string"}}""", """{"a":1}"""));

    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", true)]
    [InlineData("""{"type":"integer"}""", "1e3", true)]
    [InlineData("""{"type":"integer"}""", "1e300", true)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":"number"}""", "1", true)]
    [InlineData("""{"type":"number"}""", "\"1\"", false)]
    [InlineData("""{"type":"boolean"}""", "false", true)]
    [InlineData("""{"type":"boolean"}""", "0", false)]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"type":["string","null"]}""", "1", false)]
    [InlineData("""{"enum":["a","b",3]}""", "\"b\"", true)]
    [InlineData("""{"enum":["a","b",3]}""", "3.0", true)]
    [InlineData("""{"enum":["a","b",3]}""", "\"A\"", false)]
    [InlineData("""{"const":true}""", "false", false)]
    [InlineData("""{"type":"number","minimum":0,"maximum":10}""", "10", true)]
    [InlineData("""{"type":"number","minimum":0,"maximum":10}""", "-0.1", false)]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0", false)]
    [InlineData("""{"type":"number","exclusiveMaximum":1}""", "1", false)]
    [InlineData("""{"type":"string","minLength":2}""", "\"😀\"", false)]
    [InlineData("""{"type":"string","maxLength":2}""", "\"😀😀\"", true)]
    [InlineData("""{"type":"array","minItems":1,"items":{"type":"integer"}}""", "[]", false)]
    [InlineData("""{"type":"array","maxItems":1,"items":{"type":"integer"}}""", "[1]", true)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "1", true)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "1.5", false)]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1", false)]
    [InlineData("""{"allOf":[{"type":"number"},{"minimum":3}]}""", "2", false)]
    public void Validate_Keyword_DecidesAsJsonSchemaDoes(string schema, string value, bool fits) =>
        Assert.Equal(fits, Validate(Property(schema), $$$"""{"x":{{{value}}}}""").Count == 0);

    [Fact]
    public void Validate_NestedValues_NamesTheWholePath() => Assert.Equal(
        [
            "argument 'x.items[1].n' must be an integer, found the string \"two\"",
            "missing required argument 'x.items[2].n', expected an integer",
        ],
        Validate(
            Property("""
                {"type":"object","properties":{"items":{"type":"array",
                  "items":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}}}
                """),
            """{"x":{"items":[{"n":1},{"n":"two"},{}]}}"""));

    [Fact]
    public void Validate_Reference_IsFollowed() => Assert.Equal(
        ["argument 'x.next.next' must be an object, found 3"],
        Validate(
            """
            {"type":"object","properties":{"x":{"$ref":"#/$defs/node"}},
             "$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}
            """,
            """{"x":{"next":{"next":3}}}"""));

    [Fact]
    public void Validate_ReferenceToItself_EndsWithAFault() =>
        Assert.Contains("deeper than", Assert.Single(Validate("""{"$ref":"#"}""", "{}")));

    [Fact]
    public void Validate_LongValue_IsShortenedVisibly()
    {
        var fault = Assert.Single(Validate(Property("""{"type":"integer"}"""), $$"""{"x":"{{new string('a', 500)}}"}"""));

        Assert.EndsWith("…", fault);
        Assert.True(fault.Length < 130);
    }
}
