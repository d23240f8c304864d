using System.Text.Json;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Dialogues;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Testing;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Eval;

public class DialogueTaskTests
{
    private static readonly EvalTask Task = TaskCatalog.Find("shop_dialogues");

    [Theory]
    [InlineData("cancel", "cancel_order", """{"order_id":"A100","reason":"no longer needed"}""", "Done.", 1, null)]
    [InlineData(
        "cancel", "cancel_order", """{"order_id":"A100","reason":"ordered twice"}""", "Done.", 0, "the shop is not in the right state")]
    [InlineData("cancel", "get_order", """{"order_id":"A100"}""", "Done.", 0, "the shop is not in the right state")]
    [InlineData("return", "return_item", """{"order_id":"A200","item":"kettle"}""", "The Kettle is returned.", 1, null)]
    [InlineData("return", "return_item", """{"order_id":"A200","item":"kettle"}""", "Done.", 0, "'kettle' was not said")]
    [InlineData("refuse", "cancel_order", """{"order_id":"A200","reason":"asked"}""", "That is not possible.", 1, null)]
    public async Task Grade_StateAndReplies_DecideTheReward(
        string id, string tool, string arguments, string reply, double reward, string? reason)
    {
        EvalSample sample = Task.Load(TaskData.Samples).Single(sample => sample.Id == id);
        ToolCall call = new("1", tool, JsonSerializer.Deserialize<JsonElement>(arguments));
        var subject = new ScriptedSubject
        {
            IsChat = true,
            Reply = request =>
                request.Prompt.Messages.Any(message => message.Role == ChatRole.Tool) ? new(reply) : new("", [call], "tool_calls"),
        };
        SampleGrade grade = await Task.GradeAsync(sample, await Task.AnswerAsync(sample, Task.Render(sample, [], true), subject));
        Assert.Equal((reward, reason), (grade.Metrics["reward"], grade.Reason));
        Assert.All(subject.Generated, request => Assert.Equal(5, request.Tools.Count));
    }

    [Fact]
    public async Task Answer_AModelThatOnlyCalls_ComesToAnEnd()
    {
        EvalSample sample = Task.Load(TaskData.Samples)[0];
        ToolCall call = new("1", "get_order", JsonSerializer.Deserialize<JsonElement>("""{"order_id":"A100"}"""));
        var subject = new ScriptedSubject { IsChat = true, Reply = _ => new("", [call], "tool_calls") };
        await Task.AnswerAsync(sample, Task.Render(sample, [], true), subject);
        Assert.Equal(16, subject.Generated.Count);
    }

    [Fact]
    public async Task Judge_BothOrders_AreAskedAndGraded()
    {
        EvalTask judge = TaskCatalog.Find("llmbar");
        EvalSample sample = judge.Load(TaskData.Samples)[0];
        int asked = 0;
        var subject = new ScriptedSubject { IsChat = true, Reply = _ => new(asked++ == 0 ? "[[A]]" : "[[B]]") };
        SampleGrade grade = await judge.GradeAsync(sample, await judge.AnswerAsync(sample, judge.Render(sample, [], true), subject));
        Assert.Equal((1.0, 1.0, 1.0), (grade.Metrics["accuracy"], grade.Metrics["both_orders"], grade.Metrics["consistency"]));
    }

    [Theory]
    [InlineData("cancel_order", """{"order_id":"A1"}""")]
    [InlineData("change_address", """{"order_id":"A1"}""")]
    [InlineData("return_item", """{"order_id":"A2"}""")]
    [InlineData("return_item", """{"order_id":"A2","item":"lamp"}""")]
    public void Call_ThatCannotBeCarriedOut_ChangesNothing(string tool, string arguments)
    {
        JsonElement state = JsonSerializer.Deserialize<JsonElement>(
            """{"customers":{},"orders":{"A1":{"status":"pending","items":["mug"]},"A2":{"status":"delivered","items":["mug"]}}}""");
        ShopWorld world = new(state);
        Assert.Throws<ToolException>(() => world.Call(new("1", tool, JsonSerializer.Deserialize<JsonElement>(arguments))));
        Assert.True(world.IsSameAs(new(state)));
    }
}
