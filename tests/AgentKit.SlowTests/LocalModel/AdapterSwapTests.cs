using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>
/// A newly trained adapter takes the place of the one that is being served while chats stream. Both were trained to repeat a text of their own, so that what they write is not
/// decided by the last bits of a logit.
/// </summary>
public sealed class AdapterSwapTests : IDisposable
{
    private const int Streams = 8, Later = 4, AnswerTokens = 160;
    private const string Skill = "skill", Old = "old song ", New = "new tune ";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task LoadAdapter_WhileManyChatsStream_EachEndsAsItBeganAndLaterOnesUseTheNewOne()
    {
        string path = TestModel.Create(_folder["model.gguf"], new() { ContextLength = 1024 });
        string first = Train(path, "first", Old), second = Train(path, "second", New);
        await using LocalModel model = LocalModel.Open(path, new() { ContextLength = 512, Parallel = Streams + Later, Threads = 1 });
        await model.LoadAdapterAsync(first, Skill);
        model.DefaultAdapters = [new(Skill)];
        string[] alone = new string[Streams];
        for (int i = 0; i < Streams; i++) alone[i] = (await model.GetResponseAsync(Ask(i), Greedy)).Text;
        Assert.All(alone, text => Assert.Contains(string.Concat(Enumerable.Repeat(Old, 5)), text, StringComparison.Ordinal));
        LoadedAdapter old = model.DefaultAdapterSet.Adapters[0].Adapter;

        // 1. every chat has begun to stream
        IAsyncEnumerator<ChatResponseUpdate>[] streams = [.. Enumerable.Range(0, Streams).Select(i => model.GetStreamingResponseAsync(Ask(i), Greedy).GetAsyncEnumerator())];
        foreach (IAsyncEnumerator<ChatResponseUpdate> stream in streams) Assert.True(await stream.MoveNextAsync());

        // 2. the new one takes the name of the old one, which those chats still need
        await model.LoadAdapterAsync(second, Skill);
        Assert.False(old.IsFreed);
        Assert.Equal([Skill], model.Adapters);

        // 3. chats that begin now run beside them
        Task<ChatResponse>[] later = [.. Enumerable.Range(0, Later).Select(i => model.GetResponseAsync(Ask(i), Greedy))];
        string[] streamed = await Task.WhenAll(streams.Select(RestAsync));
        Assert.Equal(alone, streamed);
        Assert.All(await Task.WhenAll(later), answer =>
        {
            Assert.Contains(string.Concat(Enumerable.Repeat(New, 5)), answer.Text, StringComparison.Ordinal);
            Assert.Equal(ChatFinishReason.Length, answer.FinishReason);
        });

        // 4. nobody needs the old one any more
        Assert.True(await model.Engine.RunAsync(() => old.IsFreed));
        Assert.False(model.DefaultAdapterSet.Adapters[0].Adapter.IsFreed);
    }

    private static ChatOptions Greedy => new() { Temperature = 0, MaxOutputTokens = AnswerTokens };

    private static string Ask(int i) => $"say {i}";

    /// <summary>All that a stream says, its first update included.</summary>
    private static async Task<string> RestAsync(IAsyncEnumerator<ChatResponseUpdate> stream)
    {
        string text = stream.Current.Text;
        while (await stream.MoveNextAsync()) text += stream.Current.Text;
        await stream.DisposeAsync();
        return text;
    }

    private string Train(string model, string name, string song)
    {
        string answer = string.Concat(Enumerable.Repeat(song, 30));
        string data = _folder.Write($"{name}.jsonl", string.Join('\n', Enumerable.Range(0, Streams).Select(i => $$"""{"instruction":"{{Ask(i)}}","output":"{{answer}}"}""")));
        SftOptions options = new()
        {
            Model = model, Data = data, Out = _folder[name], Epochs = 100, MaxSteps = 100, BatchSize = 4, LearningRate = 0.01, Lora = new() { Rank = 8, Alpha = 16 }, Threads = 1,
        };
        TrainingResult result = TrainingRun.Run(options, false, TimeProvider.System);
        Assert.True(result.Summary.LossLast < 0.2, $"{result.Summary}");
        return result.Adapter;
    }
}
