using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>What happens at the edges of the context and of the KV memory.</summary>
public sealed class ContextRoomTests : IDisposable
{
    private static readonly TestModelShape Shape = new() { ContextLength = 1024, Type = GgmlType.F32 };

    private readonly ScratchFolder _folder = new();
    private readonly string _path;

    public ContextRoomTests() => _path = TestModel.Create(_folder["model.gguf"], Shape);

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public async Task Overflow_PromptOneTokenTooLong_FailsOrIsShiftedAndSaysSo()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 256, Parallel = 1, Threads = 1 });
        ChatMessage[] messages = await FillAsync(model, 256);
        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => model.GetResponseAsync(messages));
        Assert.Contains("256", error.Message);
        ChatResponse shifted = await model.GetResponseAsync(messages, Options(new() { Overflow = OverflowPolicy.Shift }, 20));
        Assert.Equal(20, shifted.Usage!.OutputTokenCount);
        Assert.Equal(20, LocalResponseDetails.Of(shifted)!.DroppedPromptTokens);
        Assert.Equal(236, shifted.Usage.InputTokenCount);
        ChatMessage[] fits = await FillAsync(model, 255);
        Assert.Equal(1, (await model.GetResponseAsync(fits)).Usage!.OutputTokenCount);
    }

    [NativeTheory]
    [InlineData(KvType.F16, 1)]
    [InlineData(KvType.F16, 4)]
    [InlineData(KvType.Q8_0, 1)]
    public async Task Overflow_AnswerLongerThanTheContext_ShiftGoesOnAndErrorStops(KvType type, int parallel)
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 256, Parallel = parallel, Threads = 1, KvType = type });
        ChatMessage[] messages = [new(ChatRole.System, "Be long."), new(ChatRole.User, "Tell me everything.")];
        ChatResponse stopped = await model.GetResponseAsync(messages, Options(new(), 500));
        Assert.Equal(ChatFinishReason.Length, stopped.FinishReason);
        Assert.Equal(256, stopped.Usage!.TotalTokenCount);
        ChatResponse[] shifted = await Task.WhenAll(Enumerable.Range(0, parallel).Select(
            _ => model.GetResponseAsync(messages, Options(new() { Overflow = OverflowPolicy.Shift }, 500))));
        Assert.All(shifted, response =>
        {
            Assert.Equal(500, response.Usage!.OutputTokenCount);
            Assert.InRange(LocalResponseDetails.Of(response)!.DroppedTokens, 500 - 256, 700);
            Assert.StartsWith(stopped.Text[..40], response.Text);
        });

        // What was shifted must not serve as the beginning of an ordinary request.
        Assert.Equal(stopped.Text, (await model.GetResponseAsync(messages, Options(new(), 500))).Text);
    }

    [NativeFact]
    public async Task Overflow_Summarize_CallsTheFunctionUntilItFits()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 256, Parallel = 1, Threads = 1 });
        ChatMessage[] messages = await FillAsync(model, 300);
        List<ContextOverflow> calls = [];
        LocalChatOptions halve = new()
        {
            Overflow = OverflowPolicy.Summarize,
            Summarize = (overflow, _) =>
            {
                calls.Add(overflow);
                return ValueTask.FromResult<IReadOnlyList<ChatMessage>>([new(ChatRole.User, overflow.Messages[0].Text[(overflow.Messages[0].Text.Length / 2)..])]);
            },
        };
        ChatResponse response = await model.GetResponseAsync(messages, Options(halve, 10));
        Assert.Equal((1, 1), (calls.Count, LocalResponseDetails.Of(response)!.Summaries));
        Assert.Equal((300, 246), (calls[0].PromptTokens, calls[0].MostTokens));
        LocalChatOptions lazy = halve with { Summarize = (overflow, _) => ValueTask.FromResult(overflow.Messages) };
        await Assert.ThrowsAsync<UserInputException>(() => model.GetResponseAsync(messages, Options(lazy, 10)));
        await Assert.ThrowsAsync<UserInputException>(() => model.GetResponseAsync(messages, Options(new() { Overflow = OverflowPolicy.Summarize }, 10)));
    }

    [NativeFact]
    public async Task PromptCache_CellsNeededByOthers_ComesBackFromMainMemoryWithTheSameText()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 512, Parallel = 1, Threads = 1 });
        ChatMessage[] first = await FillAsync(model, 400);
        ChatResponse cold = await model.GetResponseAsync(first, Options(new(), 20));
        for (int i = 0; i < 4; i++)
        {
            await model.GetResponseAsync([new(ChatRole.User, $"{i} " + first[0].Text)], Options(new(), 20));
        }

        ChatResponse warm = await model.GetResponseAsync(first, Options(new(), 20));
        Assert.InRange(cold.Usage!.CachedInputTokenCount!.Value, 0, 10);
        Assert.Equal(399, warm.Usage!.CachedInputTokenCount);
        Assert.Equal(cold.Text, warm.Text);
        await using LocalModel without = LocalModel.Open(_path, new() { ContextLength = 512, Parallel = 1, Threads = 1, PromptCacheBytes = 0 });
        Assert.Equal(cold.Text, (await without.GetResponseAsync(first, Options(new(), 20))).Text);
    }

    [NativeFact]
    public async Task PromptCacheFile_LoadedByAnotherProcessOfTheModel_ReplacesComputing()
    {
        string file = _folder["prompts.cache"];
        string text;
        ChatMessage[] messages;
        await using (LocalModel model = LocalModel.Open(_path, new() { ContextLength = 512, Threads = 1 }))
        {
            messages = await FillAsync(model, 400);
            text = (await model.GetResponseAsync(messages, Options(new(), 20))).Text;
            Assert.InRange(await model.SavePromptCacheAsync(file), 1, 2);
            Assert.Equal(text, (await model.GetResponseAsync(messages, Options(new(), 20))).Text);
        }

        await using LocalModel second = LocalModel.Open(_path, new() { ContextLength = 512, Threads = 1 });
        Assert.InRange(await second.LoadPromptCacheAsync(file), 1, 2);
        ChatResponse warm = await second.GetResponseAsync(messages, Options(new(), 20));
        Assert.Equal((399L, text), (warm.Usage!.CachedInputTokenCount, warm.Text));
    }

    [NativeFact]
    public async Task PromptCacheFile_DamagedOrOfAnotherModel_IsRefused()
    {
        string file = _folder["prompts.cache"];
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 512, Threads = 1 });
        await model.GetResponseAsync(await FillAsync(model, 400), Options(new(), 20));
        await model.SavePromptCacheAsync(file);
        await using LocalModel other = LocalModel.Open(TestModel.Create(_folder["other.gguf"], Shape, seed: 2), new() { Threads = 1 });
        Assert.Contains("another model", (await Assert.ThrowsAsync<UserInputException>(() => other.LoadPromptCacheAsync(file))).Message);
        byte[] good = File.ReadAllBytes(file);
        Random random = new(6);
        for (int round = 0; round < 60; round++)
        {
            byte[] bad = [.. good];
            bad[random.Next(round % 2 == 0 ? 60 : bad.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(file, round % 3 == 0 ? bad[..random.Next(bad.Length)] : bad);
            await Assert.ThrowsAsync<UserInputException>(() => model.LoadPromptCacheAsync(file));
        }

        await Assert.ThrowsAsync<UserInputException>(() => model.LoadPromptCacheAsync(_folder["missing"]));
    }

    [NativeFact]
    public async Task KvType_Quantized_AnswersInLessMemoryAndOddHeadsAreRefused()
    {
        string question = "Repeat: mint tea";
        await using LocalModel half = LocalModel.Open(ShippedModel.Path);
        await using LocalModel eight = LocalModel.Open(ShippedModel.Path, new() { KvType = KvType.Q8_0 });
        await using LocalModel four = LocalModel.Open(ShippedModel.Path, new() { KvType = KvType.Q4_0 });
        string text = (await half.GetResponseAsync(question)).Text;
        Assert.Equal(text, (await eight.GetResponseAsync(question)).Text);
        Assert.NotEmpty((await four.GetResponseAsync(question)).Text);
        string odd = TestModel.Create(_folder["odd.gguf"], Shape with { Heads = 4 });
        Assert.Equal(nameof(LocalModelOptions.KvType), Assert.Throws<UserInputException>(() => LocalModel.Open(odd, new() { KvType = KvType.Q8_0 })).Field);
    }

    [NativeFact]
    public async Task Queue_OneCallerWithManyRequests_AnotherCallerIsServedInBetween()
    {
        await using LocalModel model = LocalModel.Open(_path, new() { ContextLength = 256, Parallel = 1, Threads = 1, QueueLimit = 20 });
        int finished = 0;
        Task[] greedy = [.. Enumerable.Range(0, 20).Select(i => AskAsync("greedy", i))];
        int before = await AskAsync("modest", 0);
        Assert.InRange(before, 0, 5);
        await Task.WhenAll(greedy);
        await Assert.ThrowsAsync<ModelBusyException>(() => Task.WhenAll(Enumerable.Range(0, 22).Select(i => AskAsync("greedy", i))));

        async Task<int> AskAsync(string queue, int number)
        {
            await model.GetResponseAsync($"{queue} {number}", Options(new() { Queue = queue }, 30));
            return Interlocked.Increment(ref finished) - 1;
        }
    }

    private static ChatOptions Options(LocalChatOptions local, int maxTokens) => local.AddTo(new() { Temperature = 0, MaxOutputTokens = maxTokens });

    /// <summary>A user message whose prompt has exactly this many tokens.</summary>
    private static async Task<ChatMessage[]> FillAsync(LocalModel model, int tokens)
    {
        ChatMessage[] few = [new(ChatRole.User, "0")];
        long used = (await model.GetResponseAsync(few, new() { MaxOutputTokens = 1 })).Usage!.InputTokenCount!.Value;
        return [new(ChatRole.User, string.Concat(Enumerable.Range(0, tokens - (int)used + 1).Select(i => (char)('0' + (i % 10)))))];
    }
}
