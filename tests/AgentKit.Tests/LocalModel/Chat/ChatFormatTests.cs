using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

public class ChatFormatTests
{
    private static readonly ChatMessage User = new(ChatRole.User, "Weather?");

    [Fact]
    public void Input_ToolConversation_HasOpenAIShape()
    {
        var messages = new[]
        {
            new ChatMessage(ChatRole.System, [new TextContent("Be "), new TextContent("brief.")]),
            User,
            new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), Conversation.Ping("c1"), Conversation.Ping("c2")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "pong"), new FunctionResultContent("c2", new { ok = true })]),
        };
        var input = Format(SampleTemplates.Json).Input(messages);
        Assert.Equal(
            """[{"role":"system","content":"Be brief."},{"role":"user","content":"Weather?"},"""
            + """{"role":"assistant","content":"","reasoning_content":"hm","tool_calls":["""
            + """{"id":"c1","type":"function","function":{"name":"ping","arguments":{}}},"""
            + """{"id":"c2","type":"function","function":{"name":"ping","arguments":{}}}]},"""
            + """{"role":"tool","tool_call_id":"c1","name":"ping","content":"pong"},"""
            + """{"role":"tool","tool_call_id":"c2","name":"ping","content":"{\u0022ok\u0022: true}"}]""",
            input.Messages.ToJsonString());
    }

    [Fact]
    public void Input_Tools_AreFunctionObjectsInTheUsualOrder()
    {
        var input = Format(SampleTemplates.Json).Input([User], new ChatOptions { Tools = [Conversation.Tools[2]] });
        Assert.Equal(
            """[{"type":"function","function":{"name":"ping","description":"No arguments.","parameters":"""
            + "{\"type\":\"object\",\"properties\":{}}}}]",
            input.Tools!.ToJsonString());
    }

    [Fact]
    public void Input_ToolModeNone_LeavesToolsOut() =>
        Assert.Null(Format(SampleTemplates.Json).Input([User], new ChatOptions { Tools = Conversation.Tools,
            ToolMode = ChatToolMode.None }).Tools);

    [Fact]
    public void Input_TemplateWantsStrings_ArgumentsAreJsonText()
    {
        var input = Format(SampleTemplates.TagWithJson).Input([User, new ChatMessage(ChatRole.Assistant, [Conversation.Sum()])]);
        Assert.Equal(
            """{"values": [1, 2.5, -3], "options": {"round": true}}""",
            input.Messages[1]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>());
    }

    [Fact]
    public void Render_NoSystemRole_PutsSystemTextBeforeTheFirstQuestion()
    {
        var prompt = Format(SampleTemplates.Tagged).Render([User, User], new ChatOptions { Instructions = "Be brief." });
        Assert.Equal("<user>\nBe brief.\n\nWeather?<eos>\n<user>\nWeather?<eos>\n<assistant>\n", prompt.Text);
    }

    [Fact]
    public void Render_ReasoningEffort_SetsTheThinkingSwitch()
    {
        string Prompt(ReasoningEffort effort) =>
            Format(SampleTemplates.Json).Render([User], new ChatOptions { Reasoning = new ReasoningOptions { Effort = effort } }).Text;
        Assert.EndsWith("<think>\n", Prompt(ReasoningEffort.High), StringComparison.Ordinal);
        Assert.EndsWith("<|assistant|>", Prompt(ReasoningEffort.None), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TemplateRefuses_Throws()
    {
        var message = new ChatMessage(ChatRole.Assistant, [Conversation.Ping("a"), Conversation.Ping("b")]);
        Assert.Throws<TemplateException>(() => Format(SampleTemplates.Bare).Render([User, message]));
    }

    private static ChatFormat Format(string template) => ChatFormat.For(ChatTemplate.Parse(template));
}
