using AgentKit.Models;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>Models whose state cannot be cut back to an earlier position.</summary>
public sealed class RecurrentModelTests : IDisposable
{
    private static readonly ChatOptions Options = new() { Temperature = 0, MaxOutputTokens = 40 };

    private readonly ScratchFolder _folder = new();
    private readonly string _path;

    public RecurrentModelTests() => _path = TestRecurrentModel.Create(_folder["mamba.gguf"]);

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task SecondTurn_AnswerRewrittenByTheTemplate_StartsBehindTheFirstPrompt()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 1024, Threads = 1 });
        ChatMessage[] first = [new(ChatRole.System, "Be brief. " + new string('x', 300)), new(ChatRole.User, "Hello")];
        ChatResponse answer = await model.GetResponseAsync(first, Options);
        ChatMessage[] second = [.. first, new(ChatRole.Assistant, "something else than the model wrote"), new(ChatRole.User, "And now?")];
        ChatResponse warm = await model.GetResponseAsync(second, Options);
        Assert.Equal(answer.Usage!.InputTokenCount, warm.Usage!.CachedInputTokenCount);
        await using LocalModel fresh = LocalModel.Open(_path, new() { ContextLength = 1024, Threads = 1, PromptCacheBytes = 0 });
        Assert.Equal((await fresh.GetResponseAsync(second, Options)).Text, warm.Text);
    }

    [NativeFact]
    public async Task ManyRequestsAtOnce_WithShiftAndGuesses_EachIsWhatItIsAlone()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 64, Threads = 1, Speculation = Speculation.PromptLookup });
        ChatOptions options = new LocalChatOptions { Overflow = OverflowPolicy.Shift }.AddTo(new() { Temperature = 0, MaxOutputTokens = 300 });
        List<string> alone = [];
        for (int i = 0; i < 6; i++)
        {
            alone.Add((await model.GetResponseAsync($"{i * 7919} ships", options)).Text);
        }

        ChatResponse[] together = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => model.GetResponseAsync($"{i * 7919} ships", options)));
        Assert.Equal(alone, together.Select(response => response.Text));
        Assert.Contains(together, response => LocalResponseDetails.Of(response)!.DroppedTokens > 0);
    }
}
