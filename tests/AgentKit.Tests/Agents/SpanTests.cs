using System.Collections.Concurrent;
using System.Diagnostics;
using AgentKit.Agents;
using AgentKit.Kernel;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class SpanTests
{
    [Fact]
    public async Task RunAsync_WithAListener_EmitsGenAiSpansUnderTheCallersSpan()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var source = new ActivitySource("AgentKit.Tests.Spans");
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == Telemetry.Name || s.Name == source.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        AIFunction crash = AIFunctionFactory.Create(string () => throw new InvalidDataException(), "crash", "Crashes.");
        var model = new ScriptedModel(Call("crash"), Text("ok"));
        await using var agent = new Agent(model, new AgentOptions { Name = "tester", Tools = [crash] });

        using Activity caller = source.StartActivity("caller")!;
        AgentResult result = await agent.RunAsync("task");

        Activity[] mine = [.. spans.Where(s => s.TraceId == caller.TraceId)];
        Assert.Equal(["chat script", "execute_tool crash", "chat script", "invoke_agent tester"], mine.Select(s => s.DisplayName));
        Assert.Equal(caller.SpanId, mine[3].ParentSpanId);
        Assert.All(mine[..3], span => Assert.Equal(mine[3].SpanId, span.ParentSpanId));
        Assert.Equal(result.RunId, mine[3].GetTagItem("gen_ai.conversation.id"));
        Assert.Equal("scripted", mine[3].GetTagItem("gen_ai.provider.name"));
        Assert.Equal(10L, mine[0].GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal("System.IO.InvalidDataException", mine[1].GetTagItem("error.type"));
    }
}
