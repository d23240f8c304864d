using System.Text.Json;
using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Agents;

public class ToolArgumentsTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "query": { "type": "string" },
            "limit": { "type": "integer" },
            "mode": { "enum": ["fast", "good"] },
            "tags": { "type": "array", "items": { "type": "string" } },
            "range": { "type": "object", "properties": { "from": { "type": "number" } }, "required": ["from"], "additionalProperties": false },
            "either": { "anyOf": [{ "type": "boolean" }, { "type": "null" }] },
            "node": { "$ref": "#/$defs/node" }
          },
          "required": ["query"],
          "$defs": { "node": { "type": "object", "properties": { "child": { "$ref": "#/$defs/node" }, "id": { "type": "integer" } }, "required": ["id"] } }
        }
        """;

    [Theory]
    [InlineData("""{"query":"x"}""")]
    [InlineData("""{"query":"x","limit":-3,"mode":"fast","tags":["a"],"range":{"from":1.5},"either":null,"node":{"id":1,"child":{"id":2}}}""")]
    public void Check_FittingArguments_Pass(string arguments) => Check(Schema, arguments);

    [Theory]
    [InlineData("""{}""", "'query' (string) is missing")]
    [InlineData("""{"query":7}""", "'query' must be string, not 7")]
    [InlineData("""{"query":"x","limit":"ten"}""", "'limit' must be integer, not \"ten\"")]
    [InlineData("""{"query":"x","limit":1.0}""", "'limit' must be integer, not 1.0")]
    [InlineData("""{"query":"x","mode":"best"}""", "'mode' must be \"fast\" | \"good\", not \"best\"")]
    [InlineData("""{"query":"x","tags":["a",2]}""", "'tags[1]' must be string, not 2")]
    [InlineData("""{"query":"x","tags":"a"}""", "'tags' must be string[], not \"a\"")]
    [InlineData("""{"query":"x","range":{}}""", "'range.from' (number) is missing")]
    [InlineData("""{"query":"x","range":{"from":1,"to":2}}""", "'range.to' is not an argument")]
    [InlineData("""{"query":"x","either":1}""", "'either' must be boolean | null, not 1")]
    [InlineData("""{"query":"x","node":{"id":1,"child":{}}}""", "'node.child.id' (integer) is missing")]
    [InlineData("""{"query":"x","qeury":"y"}""", "'qeury' is not an argument")]
    [InlineData("""[1]""", "must be one JSON object")]
    public void Check_ArgumentsThatDoNotFit_SaysWhatAndWhatIsExpected(string arguments, string fault)
    {
        var error = Assert.Throws<ModelOutputException>(() => Check(Schema, arguments));
        Assert.Contains(fault, error.Message);
        Assert.Contains("Expected: tool(query: string, limit?: integer, mode?: \"fast\" | \"good\", tags?: string[]", error.Message);
    }

    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{}""")]
    [InlineData("true")]
    [InlineData("""{"type":"object","properties":{"a":{}},"additionalProperties":true}""")]
    [InlineData("""{"type":"object","properties":{"x":{"$ref":"#/nowhere"}}}""")]
    public void Check_SchemaThatAllowsIt_Passes(string schema) => Check(schema, """{"x":1}""");

    [Fact]
    public void Check_ManyFaults_NamesFiveAndCountsTheRest()
    {
        var error = Assert.Throws<ModelOutputException>(
            () => Check("""{"properties":{}}""", """{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}"""));
        Assert.Contains("'e' is not an argument and 2 more", error.Message);
    }

    private static void Check(string schema, string arguments) =>
        ToolArguments.Check(new SchemaTool(JsonDocument.Parse(schema).RootElement), JsonDocument.Parse(arguments).RootElement);

    private sealed class SchemaTool(JsonElement schema) : AIFunction
    {
        public override string Name => "tool";

        public override JsonElement JsonSchema => schema;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => default;
    }
}
