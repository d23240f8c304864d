using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

public class ChatOutputParserTests
{
    private const string Call = "<call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Bern\"}}\n</call>";
    private const string Parsed = "call get_weather {\"city\":\"Bern\"}";

    public static TheoryData<string, string> JsonOutputs => new()
    {
        { "Hello.", "text Hello." },
        { "  Hello\n\nworld. \n", "text   Hello\n\nworld. \n" },
        { Call, Parsed },
        { "Let me see.\n" + Call, "text Let me see.\n" + Parsed },
        { Call + "\n" + Call, Parsed + "\n" + Parsed },
        { Call + Call + "\nDone.", Parsed + "\n" + Parsed + "\ntext Done." },
        { "<think>\nHm < 3 </thin\n</think>\n\nYes.", "reasoning Hm < 3 </thin\ntext Yes." },
        { "<think>\n\n</think>\n\n" + Call, Parsed },
        { "<think>a</think>" + Call, "reasoning a\n" + Parsed },
        { "<think>never closed", "reasoning never closed" },
        { "a <b> </c> <call", "text a <b> </c> <call" },
        { "<call>{\"arguments\": {\"city\": \"Bern\"}, \"name\": \"get_weather\"}</call>", Parsed },
        { "<call>{\"name\": \"ping\"}</call>", "call ping {}" },
        { "<call>{\"name\": \"ping\", \"arguments\": null}", "call ping {}" },
        { "<call>[{\"name\": \"ping\", \"arguments\": {}}, {\"name\": \"ping\", \"parameters\": {}}]</call>",
            "call ping {}\ncall ping {}" },
        { "<call>{\"name\": \"get_weather\", \"arguments\": \"{\\\"city\\\": \\\"Bern\\\"}\"}</call>", Parsed },
        { "<call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"a\nb\"}}</call>", "call get_weather {\"city\":\"a\\nb\"}" },
    };

    public static TheoryData<string, string> BrokenOutputs => new()
    {
        { "<call>", "text <call>" },
        { "<call>\n{\"name\": \"get_wea", "text <call>\n{\"name\": \"get_wea" },
        { "<call>no json</call>", "text <call>no json</call>" },
        { "<call>{\"name\": }</call>", "text <call>{\"name\": }</call>" },
        { "<call>{\"city\": \"Bern\"}</call>", "text <call>{\"city\": \"Bern\"}</call>" },
        { "<call>{\"name\": 3, \"arguments\": {}}</call>", "text <call>{\"name\": 3, \"arguments\": {}}</call>" },
        { "<call>{\"name\": \"f\", \"arguments\": [1]}</call>", "text <call>{\"name\": \"f\", \"arguments\": [1]}</call>" },
        { "<call>{\"name\": \"ping\", \"name\": \"ping\"}</call>", "text <call>{\"name\": \"ping\", \"name\": \"ping\"}</call>" },
        { "<call>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"a\": 2}}</call>", "text <call>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"a\": 2}}</call>" },
        { "<call><call><call>", "text <call><call><call>" },
        { "<call>{\"a\": " + Call, "text <call>{\"a\":\n" + Parsed },
        { Call + "\n<call>{\"name\": \"pi", Parsed + "\ntext <call>{\"name\": \"pi" },
    };

    [Theory]
    [MemberData(nameof(JsonOutputs))]
    public void Push_JsonSyntax_GivesContents(string output, string expected) =>
        AssertParses(SampleTemplates.Json, output, expected, diagnostics: false);

    [Theory]
    [MemberData(nameof(BrokenOutputs))]
    public void Push_BrokenCall_GivesTheTextAndADiagnostic(string output, string expected) =>
        AssertParses(SampleTemplates.Json, output, expected, diagnostics: true);

    [Theory]
    [InlineData("<calls><call id=\"x1\" name=\"ping\">{}</call></calls>", "call ping {}")]
    [InlineData("Hi<calls>\n<call id=\"1\" name=\"ping\"></call>\n<call id=\"2\" name=\"ping\">{}</call></calls>",
        "text Hi\ncall ping {}\ncall ping {}")]
    [InlineData("<calls><call id=\"1\" name=\"get_weather\">{\"city\": \"</call>\"}</call>",
        "call get_weather {\"city\":\"\\u003C/call\\u003E\"}")]
    [InlineData("<calls><call id=\"1\" name=\"ping\">{}", "call ping {}")]
    public void Push_TagWithJson_GivesContents(string output, string expected) =>
        AssertParses(SampleTemplates.TagWithJson, output, expected, diagnostics: false);

    [Theory]
    [InlineData("<tool>\n<function=ping>\n</function>\n</tool>", "call ping {}")]
    [InlineData("<tool><function=get_weather><parameter=city>\n a\nb \n</parameter><parameter=days>3</parameter></function></tool>",
        "call get_weather {\"city\":\" a\\nb \",\"days\":3}")]
    [InlineData("<tool><function=get_weather><parameter=city>3</parameter></function></tool>", "call get_weather {\"city\":\"3\"}")]
    [InlineData(
        "<tool><function=other><parameter=a>3</parameter><parameter=b>x</parameter><parameter=c>{'k': True}</parameter></function></tool>",
        "call other {\"a\":3,\"b\":\"x\",\"c\":{\"k\":true}}")]
    public void Push_TaggedArguments_GivesContents(string output, string expected) =>
        AssertParses(SampleTemplates.Tagged, output, expected, diagnostics: false);

    [Fact]
    public void Push_BrokenTaggedCall_GivesTheTextAsWritten() =>
        AssertParses(SampleTemplates.Tagged, "<tool>  <function=ping><oops>", "text <tool>  <function=ping><oops>", diagnostics: true);

    [Theory]
    [InlineData("{\"name\": \"ping\", \"parameters\": {}}", "call ping {}")]
    [InlineData("\n{\"name\": \"ping\", \"arguments\": {}}", "call ping {}")]
    [InlineData("An object: {\"name\": \"ping\"}", "text An object: {\"name\": \"ping\"}")]
    public void Push_BareJson_IsACallAtTheStartOnly(string output, string expected) =>
        AssertParses(SampleTemplates.Bare, output, expected, diagnostics: false);

    [Fact]
    public void Push_BareJsonWithoutTools_StreamsText()
    {
        var parser = Format(SampleTemplates.Bare).CreateParser();
        Assert.Equal("{\"name\":", Assert.IsType<TextContent>(Assert.Single(parser.Push("{\"name\":"))).Text);
    }

    [Fact]
    public void Push_Text_IsNotHeldBack()
    {
        var parser = Format(SampleTemplates.Json).CreateParser();
        Assert.Equal("Hello", Assert.IsType<TextContent>(Assert.Single(parser.Push("Hello"))).Text);
        Assert.Empty(parser.Push(" <ca"));
        Assert.Equal(" <cat", Assert.IsType<TextContent>(Assert.Single(parser.Push("t"))).Text);
        Assert.Empty(parser.Finish());
    }

    [Fact]
    public void CreateParser_PromptOpensReasoning_BeginsInReasoning()
    {
        var format = Format(SampleTemplates.Json);
        var prompt = format.Render([new ChatMessage(ChatRole.User, "x")], null, new Dictionary<string,
            object?> { ["enable_thinking"] = true });
        var parser = format.CreateParser(prompt.Text);
        Assert.Equal("Hm.", Assert.IsType<TextReasoningContent>(Assert.Single(parser.Push("Hm."))).Text);
        Assert.Equal("Yes.", Assert.IsType<TextContent>(Assert.Single(parser.Push("\n</think>\n\nYes."))).Text);
    }

    [Fact]
    public void Push_CallsWithoutIds_GetDifferentIdsThatDependOnThePrompt()
    {
        string[] Ids(string prompt) =>
            [.. Parse(Format(SampleTemplates.Json).CreateParser(prompt), Call
                + Call, 3).OfType<FunctionCallContent>().Select(call => call.CallId)];
        var ids = Ids("a");
        Assert.Equal(ids, Ids("a"));
        Assert.Equal(4, ids.Concat(Ids("b")).Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[a-z0-9]{9}$", id));
    }

    [Fact]
    public void Push_CallWithId_KeepsIt()
    {
        var contents = Parse(Format(SampleTemplates.TagWithJson).CreateParser(),
            "<calls><call id=\"abc7\" name=\"ping\">{}</call></calls>", 100);
        Assert.Equal("abc7", Assert.IsType<FunctionCallContent>(Assert.Single(contents)).CallId);
    }

    [Fact]
    public void Push_RandomPieces_NeverThrowsAndLosesNothing()
    {
        var random = new Random(7);
        string[] pieces = ["<call>", "</call>", "{\"name\": \"", "ping", "\", \"arguments\": ", "{}", "}", "<think>", "</think>", "x",
            "\n", "<", "\\", "[", "]"];
        foreach (var template in new[] { SampleTemplates.Json, SampleTemplates.TagWithJson, SampleTemplates.Tagged, SampleTemplates.Bare })
        {
            for (var run = 0; run < 300; run++)
            {
                var output = string.Concat(Enumerable.Range(0, 12).Select(_ => pieces[random.Next(pieces.Length)]));
                var whole = Parse(Format(template).CreateParser("", Conversation.Tools), output, 1000);
                var single = Parse(Format(template).CreateParser("", Conversation.Tools), output, 1);
                Assert.Equal(Conversation.Describe(whole), Conversation.Describe(single));
                var kept = string.Concat(whole.Select(content => content.ToString()));
                Assert.True(whole.OfType<FunctionCallContent>().Any() || kept.Count(c => c == 'x') == output.Count(c => c == 'x'), output);
            }
        }
    }

    private static void AssertParses(string template, string output, string expected, bool diagnostics)
    {
        foreach (var chunk in new[] { int.MaxValue, 1, 5 })
        {
            var parser = Format(template).CreateParser("", Conversation.Tools);
            Assert.Equal(expected, Conversation.Describe(Parse(parser, output, chunk)));
            Assert.Equal(diagnostics, parser.Diagnostics.Count > 0);
        }
    }

    private static List<AIContent> Parse(ChatOutputParser parser, string output, int chunk)
    {
        var contents = new List<AIContent>();
        for (var i = 0; i < output.Length; i += Math.Min(chunk, output.Length - i))
            contents.AddRange(parser.Push(output.Substring(i, Math.Min(chunk, output.Length - i))));
        return [.. contents, .. parser.Finish()];
    }

    private static ChatFormat Format(string template) => ChatFormat.For(ChatTemplate.Parse(template));
}
