using System.ComponentModel;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.TypedOutput;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>Schemas, calls and types with the shipped model.</summary>
public sealed class StructuredAnswerTests(LocalModelTests.OpenedModel opened) : IClassFixture<LocalModelTests.OpenedModel>
{
    private static readonly AIFunctionDeclaration Calculator = AIFunctionFactory.CreateDeclaration("calculator", "Evaluate an arithmetic expression.", Json(
        """{"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}"""));

    private static readonly AIFunctionDeclaration Booking = AIFunctionFactory.CreateDeclaration("book", "Book a room.", Json(
        """{"type": "object", "properties": {"nights": {"type": "integer", "minimum": 1, "maximum": 9}, "view": {"enum": ["sea", "yard"]}}, "required": ["nights", "view"]}"""));

    private LocalModel Model => opened.Model!;

    [NativeFact]
    public async Task GetResponseAsync_TypedAnswer_IsAValueOfTheType()
    {
        ChatResponse<Guest> response = await Model.GetResponseAsync<Guest>("My name is Tom. What is my name?");
        Assert.InRange(response.Result.Nights, int.MinValue, int.MaxValue);
        Assert.NotNull(response.Result.Name);
        Assert.Empty(LocalResponseDetails.Of(response)!.SchemaErrors);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [NativeFact]
    public async Task GetResponse_NamedTool_IsCalledWithArgumentsThatFit()
    {
        ChatOptions options = new() { Tools = [Calculator, Booking], ToolMode = ChatToolMode.RequireSpecific("book"), MaxOutputTokens = 80 };
        ChatResponse response = await Model.GetResponseAsync("Hello", options);
        FunctionCallContent call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().First();
        Assert.Equal("book", call.Name);
        Assert.InRange(((JsonElement)call.Arguments!["nights"]!).GetInt32(), 1, 9);
        Assert.Contains(((JsonElement)call.Arguments["view"]!).GetString(), (string[])["sea", "yard"]);
    }

    [NativeFact]
    public async Task GetResponse_ToolModeNone_CallsNothing()
    {
        ChatResponse response = await Model.GetResponseAsync("What is 12 * 12?", new() { Tools = [Calculator], ToolMode = ChatToolMode.None, MaxOutputTokens = 60 });
        Assert.DoesNotContain(response.Messages.SelectMany(message => message.Contents), content => content is FunctionCallContent);
    }

    [NativeFact]
    public async Task GetResponse_ToolsAndFormat_IsACallOrAFittingValue()
    {
        ChatOptions options = new()
        {
            Tools = [Calculator],
            ResponseFormat = Format("""{"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}"""),
            MaxOutputTokens = 60,
        };
        ChatResponse call = await Model.GetResponseAsync("What is 12 * 12?", options);
        Assert.Equal(ChatFinishReason.ToolCalls, call.FinishReason);
        ChatResponse other = await Model.GetResponseAsync("Hello", options);
        Assert.Matches("^(\\{\"answer\": |<tool_call>|$)", other.Text);
    }

    [NativeFact]
    public async Task GetResponse_CallBeyondTheLimit_IsTextAndNeverAShortenedCall()
    {
        ChatOptions options = new() { Tools = [Calculator], ToolMode = ChatToolMode.RequireAny, MaxOutputTokens = 8 };
        ChatResponse response = await Model.GetResponseAsync("What is 12 * 12?", options);
        Assert.DoesNotContain(response.Messages.SelectMany(message => message.Contents), content => content is FunctionCallContent);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.StartsWith("<tool_call>", response.Text, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task GetResponse_LimitOfTokens_ClosesTheValueAndSaysSo()
    {
        ChatOptions options = new() { MaxOutputTokens = 24, ResponseFormat = Format("""{"type": "array", "items": {"type": "string"}, "minItems": 1}""") };
        ChatResponse response = await Model.GetResponseAsync("Repeat: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen", options);
        using JsonDocument value = JsonDocument.Parse(response.Text);
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 24);
        Assert.Equal(LocalResponseDetails.Of(response)!.ClosedEarly, response.FinishReason == ChatFinishReason.Length);
    }

    [NativeFact]
    public async Task GetResponse_LimitBelowAnyValue_IsCutAndReported()
    {
        ChatOptions options = new() { MaxOutputTokens = 2, ResponseFormat = Format("""{"const": {"a": "quite a long text that must be written out"}}""") };
        ChatResponse response = await Model.GetResponseAsync("Hello", options);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal("json", Assert.Single(LocalResponseDetails.Of(response)!.SchemaErrors).Keyword);
        ChatResponse<Guest> typed = await Model.GetResponseAsync<Guest>("Hello", new ChatOptions { MaxOutputTokens = 2 });
        Assert.False(typed.TryGetResult(out _));
        Assert.Throws<ModelOutputException>(() => typed.Result);
    }

    [NativeFact]
    public async Task GetResponse_KeywordThatIsNotEnforced_IsNamed()
    {
        ChatOptions options = new() { ResponseFormat = Format("""{"type": "string", "pattern": "^(?<=x)y$", "maxLength": 5}"""), MaxOutputTokens = 30 };
        ChatResponse response = await Model.GetResponseAsync("Hello", options);
        LocalResponseDetails details = LocalResponseDetails.Of(response)!;
        Assert.Equal("pattern", Assert.Single(details.SchemaWarnings).Keyword);
        Assert.NotEmpty(details.SchemaErrors);
    }

    [NativeFact]
    public async Task GetResponse_RequiredToolThatIsMissing_IsRefused()
    {
        ChatOptions options = new() { Tools = [Calculator], ToolMode = ChatToolMode.RequireSpecific("clock") };
        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => Model.GetResponseAsync("Hello", options));
        Assert.Contains("'clock'", error.Message, StringComparison.Ordinal);
    }

    private static ChatResponseFormat Format(string schema) => ChatResponseFormat.ForJsonSchema(Json(schema));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    public sealed record Guest([property: Description("the name of the guest")] string Name, int Nights);
}
