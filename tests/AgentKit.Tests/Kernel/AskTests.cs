using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

public class AskTests
{
    private static readonly ActorId Outside = new("a", "1");

    [Fact]
    public async Task AskAsync_ActorReplies_ReturnsTheAnswer()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("double", (message, context) => { context.Reply((int)message * 2); return default; });
        Assert.Equal(42, await harness.System.AskAsync<int>(id, 21));
    }

    [Fact]
    public async Task AskAsync_ActorReturnsWithoutReplying_Fails()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("mute", (_, _) => default);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => harness.System.AskAsync<int>(id, "hello?"));
        Assert.Contains("mute/1", error.Message);
    }

    [Fact]
    public async Task AskAsync_AnswerOfAnotherType_FailsNamingBoth()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("text", (_, context) => { context.Reply("seven"); return default; });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => harness.System.AskAsync<int>(id, "?"));
        Assert.Contains("System.String", error.Message);
        Assert.Contains("System.Int32", error.Message);
    }

    [Fact]
    public async Task AskAsync_ActorThrows_AskerGetsThatException()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("broken", (_, _) => throw new FormatException("no"));
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "?"));
        Assert.Empty(harness.DeadLetters);
    }

    [Fact]
    public async Task AskAsync_ActorRepliesWithFailure_KeepsItsState()
    {
        await using var harness = new ActorHarness();
        ActorId id = harness.AddStateful("counter", () =>
        {
            int count = 0;
            return (message, context) =>
            {
                count++;
                if (message is "fail") context.ReplyFailure(new FormatException("no"));
                else context.Reply(count);
                return default;
            };
        });
        await Assert.ThrowsAsync<FormatException>(() => harness.System.AskAsync<int>(id, "fail"));
        Assert.Equal(2, await harness.System.AskAsync<int>(id, "count"));
    }

    [Fact]
    public async Task AskAsync_Cancelled_StopsWaiting()
    {
        var open = new TaskCompletionSource();
        await using var harness = new ActorHarness();
        ActorId id = harness.Add("slow", async (_, context) => { await open.Task; context.Reply(1); });
        using var cancel = new CancellationTokenSource();
        Task<int> answer = harness.System.AskAsync<int>(id, "?", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        open.SetResult();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AskAsync_Cycle_FailsAtOnceAndPrintsTheCycle(int length)
    {
        await using var harness = new ActorHarness();
        ActorId[] ring = [.. Enumerable.Range(0, length).Select(i => new ActorId(((char)('a' + i)).ToString(), "1"))];
        for (int i = 0; i < length; i++)
        {
            ActorId next = ring[(i + 1) % length];
            harness.Add(ring[i].Kind, async (message, context) =>
            {
                try
                {
                    context.Reply(await context.AskAsync<string>(next, message));
                }
                catch (AskCycleException e)
                {
                    context.Reply(e.Message);
                }
            });
        }

        string answer = await harness.System.AskAsync<string>(Outside, "?");
        Assert.Contains(string.Join(" -> ", ring.Append(ring[0])), answer);
    }

    [Fact]
    public async Task AskAsync_ActorOutsideOfTheChain_IsNoCycle()
    {
        await using var harness = new ActorHarness();
        ActorId c = harness.Add("c", (_, context) => { context.Reply("c"); return default; });
        ActorId b = harness.Add("b", async (_, context) => context.Reply("b" + await context.AskAsync<string>(c, "?")));
        harness.Add("a", async (_, context) =>
            context.Reply(await context.AskAsync<string>(b, "?") + await context.AskAsync<string>(c, "?")));
        Assert.Equal("bcc", await harness.System.AskAsync<string>(Outside, "?"));
    }
}
