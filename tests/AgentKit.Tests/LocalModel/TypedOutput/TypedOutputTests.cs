using System.ComponentModel;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.TypedOutput;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.TypedOutput;

public class TypedOutputTests
{
    [Fact]
    public async Task GetResponseAsync_FittingJson_GivesTheValue()
    {
        var model = new ScriptedModel(ScriptedReply.Text("""{"name": "Ada", "born": 1815, "kind": "Person", "next": null}"""));
        ChatResponse<Entry> response = await model.GetResponseAsync<Entry>("Who was Ada?");
        Assert.Equal(new Entry("Ada", 1815, Kind.Person, null), response.Result);
        Assert.True(response.TryGetResult(out Entry? again));
        Assert.Same(response.Result, again);
    }

    [Fact]
    public async Task GetResponseAsync_AnyType_AsksForItsSchemaWithAllMembersRequired()
    {
        var model = new ScriptedModel(ScriptedReply.Text("{}"));
        var options = new ChatOptions { Temperature = 0.5f };
        await model.GetResponseAsync<Entry>("Who was Ada?", options);
        var format = Assert.IsType<ChatResponseFormatJson>(model.Options[0]!.ResponseFormat);
        Assert.Equal("Entry", format.SchemaName);
        JsonElement schema = format.Schema!.Value;
        Assert.Equal(["name", "born", "kind", "next"], schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("year of birth", schema.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0.5f, model.Options[0]!.Temperature);
        Assert.Null(options.ResponseFormat);
    }

    [Theory]
    [InlineData("""{"data": [1, 2, 3]}""", new[] { 1, 2, 3 })]
    [InlineData("""{"data": []}""", new int[0])]
    public async Task GetResponseAsync_TypeThatIsNoObject_IsWrapped(string text, int[] expected)
    {
        var model = new ScriptedModel(ScriptedReply.Text(text));
        Assert.Equal(expected, (await model.GetResponseAsync<int[]>("Count.")).Result);
    }

    [Fact]
    public async Task GetResponseAsync_WrappedRecursiveType_HasReferencesThatResolve()
    {
        var model = new ScriptedModel(ScriptedReply.Text("""{"data": [{"label": "a", "children": [{"label": "b", "children": []}]}]}"""));
        ChatResponse<List<Tree>> response = await model.GetResponseAsync<List<Tree>>("A tree.");
        Assert.Equal("b", response.Result[0].Children[0].Label);
    }

    [Theory]
    [InlineData("""{"name": "Ada", "born": "early", "kind": "Person", "next": null}""", "/born")]
    [InlineData("""{"name": "Ada", "kind": "Person", "next": null}""", "born")]
    [InlineData("Ada was a mathematician.", "not the JSON")]
    [InlineData("", "no text")]
    public async Task Result_AnswerThatDoesNotFit_SaysWhereAndTryGetIsFalse(string text, string expected)
    {
        var model = new ScriptedModel(ScriptedReply.Text(text));
        ChatResponse<Entry> response = await model.GetResponseAsync<Entry>("Who was Ada?");
        Assert.False(response.TryGetResult(out _));
        Assert.Contains(expected, Assert.Throws<ModelOutputException>(() => response.Result).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data": 2147483647}""", true)]
    [InlineData("""{"data": 2147483648}""", false)]
    [InlineData("""{"data": null}""", false)]
    public async Task GetResponseAsync_Integer_HasTheRangeOfTheType(string text, bool expected)
    {
        var model = new ScriptedModel(ScriptedReply.Text(text));
        ChatResponse<int> response = await model.GetResponseAsync<int>("A number.");
        Assert.Equal(expected, response.TryGetResult(out _));
        Assert.Equal(int.MaxValue, ((ChatResponseFormatJson)model.Options[0]!.ResponseFormat!).Schema!.Value
            .GetProperty("properties").GetProperty("data").GetProperty("maximum").GetInt32());
    }

    [Fact]
    public async Task Result_CutOffAnswer_NamesTheLimit()
    {
        var model = new ScriptedModel(ScriptedReply.Text("""{"name": "Ad""") with { FinishReason = ChatFinishReason.Length });
        ChatResponse<Entry> response = await model.GetResponseAsync<Entry>("Who was Ada?");
        Assert.Contains("MaxOutputTokens", Assert.Throws<ModelOutputException>(() => response.Result).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_ClientWithoutSchemas_GetsTheSchemaAsText()
    {
        var model = new ScriptedModel(ScriptedReply.Text("{}"));
        await model.GetResponseAsync<Entry>("Who was Ada?", useJsonSchemaResponseFormat: false);
        Assert.Null(Assert.IsType<ChatResponseFormatJson>(model.Options[0]!.ResponseFormat).Schema);
        Assert.Contains("\"born\"", model.Requests[0][^1].Text, StringComparison.Ordinal);
    }

    public enum Kind
    {
        Person,
        Place,
    }

    public sealed record Entry(string Name, [property: Description("the year of birth")] int Born, Kind Kind, Entry? Next);

    public sealed record Tree(string Label, List<Tree> Children);
}
