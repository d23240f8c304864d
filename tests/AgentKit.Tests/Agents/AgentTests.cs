using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class AgentTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds two numbers.");

    [Fact]
    public async Task RunAsync_ToolCallThenText_AnswersWithTheResultInTheHistory()
    {
        var model = new ScriptedModel(Call("add", new { a = 347, b = 518 }), Text("It is ", "865."));
        await using var agent = new Agent(model, new AgentOptions { Tools = [Add], Instructions = "Use tools." });

        AgentResult result = await agent.RunAsync("What is 347 plus 518?");

        Assert.Equal(RunStatus.Completed, result.Status);
        Assert.Equal("It is 865.", result.Answer);
        Assert.Equal(FinishReasons.Answered, result.FinishReason);
        Assert.Equal(new TokenUsage(20, 8, 6), result.Usage);
        Assert.Equal([RunStepKind.Model, RunStepKind.Tool, RunStepKind.Model], result.Run.Steps.Select(s => s.Kind));
        Assert.Equal([1, 2, 3], result.Run.Steps.Select(s => s.N));
        Assert.Equal("865", result.Run.Steps[1].Result);

        IReadOnlyList<ChatMessage> second = model.Requests[1];
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], second.Select(m => m.Role));
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(second[2].Contents));
        var answer = Assert.IsType<FunctionResultContent>(Assert.Single(second[3].Contents));
        Assert.Equal(call.CallId, answer.CallId);
        Assert.Equal("865", answer.Result);
    }

    [Fact]
    public async Task RunAsync_TwoToolsWithOneName_IsRefused()
    {
        var error = Assert.Throws<UserInputException>(() => new Agent(new ScriptedModel(), new AgentOptions { Tools = [Add, Add] }));
        Assert.Contains("'add'", error.Message);
        await Task.CompletedTask;
    }
}
