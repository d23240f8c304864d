using System.Text.Json;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Constraints;

/// <summary>Whole tool calls: several tools as alternatives, each with its own schema of arguments.</summary>
public class ToolCallTests
{
    private const string Tools = """
        [{"name": "calculator", "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}},
         {"name": "clock", "parameters": {"type": "object", "properties": {}}},
         {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}}, "required": ["city"]}}]
        """;

    [Theory]
    [InlineData("I need a tool.<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"1 + 1\"}}\n</tool_call>", true)]
    [InlineData("<tool_call>\n{\"name\": \"clock\", \"arguments\": {}}\n</tool_call><tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\", \"days\": 3}}\n</tool_call>", true)]
    [InlineData("No tool is needed.", true)]
    [InlineData("<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\", \"days\": 8}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"clock\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"clocks\", \"arguments\": {}}\n</tool_call>", false)]
    public void Matches_AutoChoice_HoldsCallsToTheToolsSchemas(string text, bool expected)
    {
        using var tools = JsonDocument.Parse(Tools);
        var body = Body(tools.RootElement.EnumerateArray());
        var grammar = Grammar.Compile(LazyGrammar.Build(TestVocabulary.Bytes(), [new LazyPart("<tool_call>", body)]));
        Assert.Equal(expected, grammar.Matches(text));
    }

    [Fact]
    public void TryGetForcedText_RequiredChoiceOfOneTool_IsForcedUpToTheArguments()
    {
        using var tools = JsonDocument.Parse(Tools);
        var body = Body(tools.RootElement.EnumerateArray().Take(1));
        var required = LazyGrammar.Build(TestVocabulary.Bytes(), [new LazyPart("<tool_call>", body)], atLeast: 1, atMost: 1, textAfter: false);
        var constraint = new GrammarConstraint(TestVocabulary.Bytes(), Grammar.Compile(required));
        Assert.True(constraint.TryGetForcedText(out var text));
        Assert.Equal("<tool_call>\n{\"name\": \"calculator\", \"arguments\": {\"expression\": \"", System.Text.Encoding.UTF8.GetString(text));
    }

    [NanoToolsTheory]
    [InlineData("train.jsonl")]
    [InlineData("house-train.jsonl")]
    [InlineData("heldout.jsonl")]
    public void Matches_CallsOfATrainingSet_ExactlyAsWritten(string file)
    {
        var (calls, cache) = (0, new GrammarCache<Grammar>(2000));
        foreach (var (tools, expected) in NanoTools.RowsWithCalls(file))
        {
            var functions = tools.EnumerateArray().Select(t => t.TryGetProperty("function", out var function) ? function : t);
            var grammar = cache.GetOrBuild(tools.GetRawText(), () => Grammar.Compile(Body(functions)));
            foreach (var call in expected)
            {
                var text = $"\n{{\"name\": {call.GetProperty("name").GetRawText()}, \"arguments\": {call.GetProperty("arguments").GetRawText()}}}\n</tool_call>";
                Assert.True(grammar.Matches(text), $"{text} with {tools.GetRawText()}");
                calls++;
            }
        }

        Assert.True(calls > 50);
    }

    private static GrammarExpression Body(IEnumerable<JsonElement> tools) => Grammar.Sequence(
        Grammar.Literal("\n"),
        Grammar.Choice([.. tools.Select(tool => Grammar.Sequence(
            Grammar.Literal($"{{\"name\": \"{tool.GetProperty("name").GetString()}\", \"arguments\": "),
            JsonSchemaGrammar.Create(tool.GetProperty("parameters")).Root,
            Grammar.Literal("}")))]),
        Grammar.Literal("\n</tool_call>"));
}
