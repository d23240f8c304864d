using System.Text.Json;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Templates;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

public class AnswerContractTests
{
    private static readonly AITool Clock = AIFunctionFactory.CreateDeclaration("clock", "The time.", Json(
        """{"type": "object", "properties": {"zone": {"enum": ["utc", "local"]}}, "required": ["zone"]}"""));

    private static readonly ChatResponseFormat Number = ChatResponseFormat.ForJsonSchema(Json("""{"type": "integer"}"""));

    [Theory]
    [InlineData("It is late.", true)]
    [InlineData("Wait.\n<call>\n{\"name\": \"clock\", \"arguments\": {\"zone\": \"utc\"}}\n</call>", true)]
    [InlineData("<call>\n{\"name\": \"clock\", \"arguments\": {\"zone\": \"mars\"}}\n</call>", false)]
    [InlineData("<think>I could write <call> here.</think>It is late.", true)]
    public void For_AutoChoice_LeavesTextFreeAndHoldsCalls(string answer, bool expected) =>
        Assert.Equal(expected, Contract(SampleTemplates.Json, new() { Tools = [Clock] }).Grammar!.Matches(answer));

    [Theory]
    [InlineData("It is late.", true)]
    [InlineData("""{"name": "clock", "parameters": {"zone": "utc"}}""", true)]
    [InlineData("""{"name": "clock", "parameters": {"zone": "mars"}}""", false)]
    [InlineData("""{"some": "json"}""", true)]
    public void For_CallsWithoutMarks_AreHeldFromTheirNameOn(string answer, bool expected) =>
        Assert.Equal(expected, Contract(SampleTemplates.Bare, new() { Tools = [Clock] }).Grammar!.Matches(answer));

    [Theory]
    [InlineData("12", true)]
    [InlineData("<call>\n{\"name\": \"clock\", \"arguments\": {\"zone\": \"utc\"}}\n</call>", true)]
    [InlineData("Twelve.", false)]
    public void For_ToolsAndFormat_IsACallOrAValue(string answer, bool expected) =>
        Assert.Equal(expected, Contract(SampleTemplates.Json, new() { Tools = [Clock], ResponseFormat = Number }).Grammar!.Matches(answer));

    [Theory]
    [InlineData("<|assistant|><think>\n", "The number is easy.\n</think>\n\n12", true)]
    [InlineData("<|assistant|><think>\n", "12", false)]
    [InlineData("<|assistant|>", "12", true)]
    [InlineData("<|assistant|><think>\n\n</think>\n\n", "12", true)]
    public void For_Format_ComesAfterReasoningThatThePromptOpened(string prompt, string answer, bool expected) =>
        Assert.Equal(expected, Contract(SampleTemplates.Json, new() { ResponseFormat = Number }, prompt).Grammar!.Matches(answer));

    [Fact]
    public void For_SameOptions_IsTheSameContract()
    {
        AnswerContracts contracts = Contracts(SampleTemplates.Json, new());
        ChatOptions options = new() { Tools = [Clock] };
        Assert.Same(contracts.For(options, ""), contracts.For(options, ""));
        Assert.NotSame(contracts.For(options, ""), contracts.For(new() { Tools = [Clock], ToolMode = ChatToolMode.RequireAny }, ""));
        Assert.Same(AnswerContract.None, contracts.For(new() { Tools = [Clock], ToolMode = ChatToolMode.None }, ""));
    }

    [Fact]
    public void For_KeywordsThatCannotBeHeld_AreNamedAndLogged()
    {
        ListLogger logger = new();
        AITool tool = AIFunctionFactory.CreateDeclaration("odd", "Odd.", Json("""{"type": "object", "properties": {"a": {"type": "string", "pattern": "(?<=x)y"}}}"""));
        AnswerContract contract = Contracts(SampleTemplates.Json, logger).For(new() { Tools = [tool] }, "");
        SchemaWarning warning = Assert.Single(contract.Warnings);
        Assert.StartsWith("odd#", warning.Path, StringComparison.Ordinal);
        FunctionCallContent call = new("1", "odd", new Dictionary<string, object?> { ["a"] = "z" });
        Assert.Equal("pattern", Assert.Single(contract.CheckCall(call)).Keyword);
    }

    private static AnswerContract Contract(string template, ChatOptions options, string prompt = "") => Contracts(template, new()).For(options, prompt);

    private static AnswerContracts Contracts(string template, ListLogger logger) =>
        new(ChatFormat.For(ChatTemplate.Parse(template)), () => TestVocabulary.Bytes(), "model", logger);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
