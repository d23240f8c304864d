using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

public sealed class SpeculationTests
{
    // F32 weights: one row and several rows then go through the same arithmetic, so that equal text can be demanded.
    private static readonly TestModelShape Shape = new() { Layers = 2, ContextLength = 2048, Type = GgmlType.F32 };

    [NativeFact]
    public async Task PromptLookup_RepetitiveText_FewerDecodeCallsAndTheSameGreedyText()
    {
        string question = "Repeat: " + string.Join(' ', Enumerable.Repeat("red green blue", 8));
        (string plain, long plainCalls, _) = await AskAsync(ShippedModel.Path, new(), question);
        (string fast, long calls, LocalResponseDetails details) = await AskAsync(ShippedModel.Path, new() { Speculation = Speculation.PromptLookup }, question);
        Assert.Equal(plain, fast);
        Assert.True(calls * 3 < plainCalls * 2, $"{calls} decode calls, without guesses {plainCalls}");
        Assert.InRange(details.AcceptedTokens, plainCalls - calls, details.DraftedTokens);
    }

    [NativeFact]
    public async Task DraftModel_GuessesLikeTheModel_FewerDecodeCallsAndTheSameGreedyText()
    {
        string question = "Repeat: seven small boats left the quiet harbour";
        LocalModelOptions drafted = new() { Speculation = Speculation.DraftModel, DraftModel = ShippedModel.Path };
        (string plain, long plainCalls, _) = await AskAsync(ShippedModel.Path, new(), question);
        (string fast, long calls, LocalResponseDetails details) = await AskAsync(ShippedModel.Path, drafted, question);
        Assert.Equal(plain, fast);
        Assert.True(calls * 2 < plainCalls, $"{calls} decode calls, without guesses {plainCalls}");
        Assert.InRange(details.AcceptedTokens, plainCalls - calls, details.DraftedTokens);
    }

    [NativeTheory]
    [InlineData(Speculation.PromptLookup)]
    [InlineData(Speculation.DraftModel)]
    public async Task Speculation_SampledText_IsThatOfTheSameSeedWithoutGuesses(Speculation speculation)
    {
        using ScratchFolder folder = new();
        string model = TestModel.Create(folder["model.gguf"], Shape, seed: 1);
        LocalModelOptions drafted = new() { Speculation = speculation, DraftModel = speculation == Speculation.DraftModel ? model : null };
        (string plain, _, _) = await AskAsync(model, new(), "Say something.", temperature: 0.05f);
        (string fast, _, _) = await AskAsync(model, drafted, "Say something.", temperature: 0.05f);
        Assert.Equal(plain, fast);
    }

    [NativeFact]
    public async Task DraftModel_ManyRequestsAtOnce_EachIsWhatItIsAlone()
    {
        using ScratchFolder folder = new();
        string model = TestModel.Create(folder["model.gguf"], Shape, seed: 1);
        string draft = TestModel.Create(folder["draft.gguf"], Shape with { Layers = 1 }, seed: 1);
        await using LocalModel plain = LocalModel.Open(model, new() { ContextLength = 512, Threads = 1 });
        await using LocalModel fast = LocalModel.Open(model, new() { ContextLength = 512, Threads = 1, Speculation = Speculation.DraftModel, DraftModel = draft });
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 60 };
        List<string> alone = [];
        for (int i = 0; i < 12; i++)
        {
            alone.Add((await plain.GetResponseAsync($"Number {i}", options)).Text);
        }

        ChatResponse[] together = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => fast.GetResponseAsync($"Number {i}", options)));
        Assert.Equal(alone, together.Select(response => response.Text));
    }

    [NativeFact]
    public void DraftModel_OtherVocabularyOrMissing_IsRefused()
    {
        using ScratchFolder folder = new();
        string other = TestModel.Create(folder["other.gguf"], Shape);
        UserInputException error = Assert.Throws<UserInputException>(
            () => LocalModel.Open(ShippedModel.Path, new() { Speculation = Speculation.DraftModel, DraftModel = other }));
        Assert.Contains("vocabulary", error.Message);
        Assert.Throws<UserInputException>(() => LocalModel.Open(ShippedModel.Path, new() { Speculation = Speculation.DraftModel }));
        Assert.Throws<UserInputException>(() => LocalModel.Open(ShippedModel.Path, new() { DraftModel = other }));
    }

    private static async Task<(string Text, long Calls, LocalResponseDetails Details)> AskAsync(
        string path, LocalModelOptions options, string question, float temperature = 0)
    {
        await using LocalModel model = LocalModel.Open(path, options with { ContextLength = 512, Threads = 1 });
        ChatResponse response = await model.GetResponseAsync(question, new() { Temperature = temperature, MaxOutputTokens = 200, Seed = 5 });
        return (response.Text, model.Engine.DecodeCalls, LocalResponseDetails.Of(response)!);
    }
}
