using AgentKit.Cli.Chat;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Cli;

public class ChatSessionTests
{
    [Fact]
    public async Task AskAsync_SecondQuestion_SendsTheWholeConversation()
    {
        var model = new ScriptedModel(ScriptedReply.Text("first"), ScriptedReply.Text("second"));
        var session = new ChatSession(model, "Be brief.", TimeProvider.System);
        var shown = new List<string>();
        await session.AskAsync("one", shown.Add, default);
        ChatAnswer answer = await session.AskAsync("two", shown.Add, default);

        Assert.Equal(("second", "stop"), (answer.Text, answer.FinishReason));
        Assert.Equal("firstsecond", string.Concat(shown));
        Assert.Equal(["Be brief.", "one", "first", "two"], model.Requests[1].Select(message => message.Text));
    }

    [Fact]
    public async Task AskAsync_ModelFails_TheQuestionLeavesNoTrace()
    {
        var session = new ChatSession(new ScriptedModel(ScriptedReply.Fail(new InvalidDataException())), null, TimeProvider.System);
        await Assert.ThrowsAsync<InvalidDataException>(() => session.AskAsync("one", _ => { }, default));
        Assert.Empty(session.History);
    }

    [Fact]
    public async Task AskAsync_Interrupted_KeepsWhatWasShown()
    {
        using var stop = new CancellationTokenSource();
        var model = new ScriptedModel(ScriptedReply.Text("begin", "end"));
        var session = new ChatSession(model, null, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.AskAsync("one", _ => stop.Cancel(), stop.Token));
        Assert.Equal([ChatRole.User, ChatRole.Assistant], session.History.Select(message => message.Role));
        Assert.Equal("begin", session.History[1].Text);
    }

    [Fact]
    public async Task Reset_AfterAQuestion_KeepsTheSystemMessageOnly()
    {
        var session = new ChatSession(new ScriptedModel(ScriptedReply.Text("first")), "Be brief.", TimeProvider.System);
        await session.AskAsync("one", _ => { }, default);
        session.Reset();
        Assert.Equal("Be brief.", Assert.Single(session.History).Text);
    }
}
