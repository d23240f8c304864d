using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

public class SchemaFuzzTests
{
    private static readonly string[] Keywords =
    [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "pattern", "minLength", "maxLength",
        "minimum", "maximum", "exclusiveMinimum", "multipleOf", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref", "$defs", "patternProperties", "uniqueItems",
        "contains", "minContains", "maxContains", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "format", "minProperties", "maxProperties", "nonsense", "$id", "$anchor",
    ];

    private static readonly string[] Words = ["string", "object", "array", "integer", "number", "null", "#", "#/properties/a", "#/$defs/a", "a", "^a+$", "(", "date", "#a", "http://x/y", "", "[z-a]", "\\p{L}", "(?<=a)b"];

    [Fact]
    public void Create_RandomDocuments_ThrowsNothingElse()
    {
        var random = new Random(5);
        var compiled = 0;
        for (var round = 0; round < 3000; round++)
            compiled += TryCompile(RandomValue(random, 4)?.ToJsonString() ?? "null") ? 1 : 0;
        Assert.InRange(compiled, 50, 2990);
    }

    [Fact]
    public void Create_MutatedSchemas_ThrowsNothingElse()
    {
        var random = new Random(6);
        var compiled = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var schema = new SchemaGenerator(seed).Document();
            Mutate(schema, random);
            compiled += TryCompile(schema.ToJsonString()) ? 1 : 0;
        }

        Assert.InRange(compiled, 50, 299);
    }

    [Theory]
    [InlineData("""{"pattern": "\ud800"}""")]
    [InlineData("""{"properties": {"\ud800": true}}""")]
    [InlineData("""{"enum": ["\udc00"]}""")]
    [InlineData("""{"required": ["\ud800x"]}""")]
    public void Create_HalfSurrogatePair_IsRefused(string schema) => Assert.False(TryCompile(schema));

    [Fact]
    public void Create_DeepNesting_IsRefusedWithoutCrash()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"items\":", 2000)) + "true" + new string('}', 2000);
        using var document = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 5000 });
        Assert.Throws<UserInputException>(() => JsonSchemaGrammar.Create(document.RootElement));
    }

    [Fact]
    public void Create_ManyAlternativesTogether_StaysBounded()
    {
        var choice = "{\"anyOf\": [" + string.Join(",", Enumerable.Range(0, 12).Select(i => $"{{\"minimum\": {i}}}")) + "]}";
        using var document = JsonDocument.Parse("{\"type\": \"integer\", \"allOf\": [" + string.Join(",", Enumerable.Repeat(choice, 12)) + "]}");
        var grammar = JsonSchemaGrammar.Create(document.RootElement);
        Assert.Contains(grammar.Warnings, w => w.Keyword == "anyOf");
        Assert.True(grammar.Compile().Matches("50"));
    }

    private static bool TryCompile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        try
        {
            var built = JsonSchemaGrammar.Create(document.RootElement);
            using var value = JsonDocument.Parse("""{"a": [1, "x", {"b": null}], "c": "\ud800"}""");
            built.Validator.Validate(value.RootElement);
            built.Compile().Matches("{\"a\": 1}");
            return true;
        }
        catch (UserInputException)
        {
            return false;
        }
    }

    private static JsonNode? RandomValue(Random random, int depth) => (depth == 0 ? random.Next(5) : random.Next(9)) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-3, 12),
        3 => Words[random.Next(Words.Length)],
        4 => 0.01m,
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => RandomSchema(random, depth),
    };

    private static JsonObject RandomSchema(Random random, int depth)
    {
        var schema = new JsonObject();
        for (var i = random.Next(4); i >= 0; i--)
        {
            var keyword = Keywords[random.Next(Keywords.Length)];
            schema[keyword] = keyword is "properties" or "$defs" or "patternProperties" or "dependentSchemas"
                ? new JsonObject { ["a"] = RandomValue(random, depth - 1) }
                : RandomValue(random, depth - 1);
        }

        return schema;
    }

    private static void Mutate(JsonObject schema, Random random)
    {
        var at = schema;
        while (at.Where(m => m.Value is JsonObject).Select(m => m.Value!.AsObject()).ToArray() is { Length: > 0 } children && random.Next(3) > 0)
            at = children[random.Next(children.Length)];
        at[Keywords[random.Next(Keywords.Length)]] = RandomValue(random, 2);
    }
}
