using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

public sealed class ScoringTests(LocalModelTests.OpenedModel opened) : IClassFixture<LocalModelTests.OpenedModel>
{
    private LocalModel Model => opened.Model!;

    [NativeFact]
    public async Task TopLogProbabilities_GreedyAnswer_AreThoseOfScoringItsTokens()
    {
        ChatResponse response = await Model.GetResponseAsync("Repeat: mint tea", new LocalChatOptions { TopLogProbabilities = 3 }.AddTo(new() { Temperature = 0 }));
        IReadOnlyList<TokenLogProbability> answer = LocalResponseDetails.Of(response)!.LogProbabilities;
        Assert.Equal(response.Usage!.OutputTokenCount, answer.Count);
        Assert.StartsWith(response.Text, string.Concat(answer.Select(token => token.Text)));
        Assert.All(answer, token =>
        {
            Assert.Equal((token.Token, token.LogProbability), (token.Alternatives[0].Token, token.Alternatives[0].LogProbability));
            Assert.InRange(token.Alternatives.Sum(a => Math.Exp(a.LogProbability)), 0, 1.000001);
        });
        int[] prompt = Model.Tokenizer.Encode("<|im_start|>user\nRepeat: mint tea<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);
        IReadOnlyList<TokenLogProbability> scored = await Model.ScoreAsync([.. prompt, .. answer.Select(token => token.Token)], prompt.Length, alternatives: 1);
        Assert.Equal(answer.Select(token => token.Token), scored.Select(token => token.Token));
        Assert.All(answer.Zip(scored), pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 0.02));
    }

    [NativeFact]
    public async Task Score_ManyContinuationsOfOnePrefix_AgreeWithEachAlone()
    {
        // F32 weights: one row and several rows then go through the same arithmetic.
        using ScratchFolder folder = new();
        string path = TestModel.Create(folder["model.gguf"], new() { Vocabulary = 1000, ContextLength = 1024, Type = GgmlType.F32 });
        await using LocalModel model = LocalModel.Open(path);
        int[] prefix = [.. Enumerable.Range(0, 400).Select(i => 300 + (i % 97))];
        int[][] texts = [.. Enumerable.Range(0, 12).Select(i => (int[])[.. prefix, 500 + i, 600 + i, 700])];
        IReadOnlyList<TokenLogProbability>[] together = await Task.WhenAll(texts.Select(text => model.ScoreAsync(text, prefix.Length)));
        await using LocalModel other = LocalModel.Open(path, new() { Parallel = 1, PromptCacheBytes = 0 });
        for (int i = 0; i < texts.Length; i++)
        {
            IReadOnlyList<TokenLogProbability> alone = await other.ScoreAsync(texts[i], 1);
            Assert.Equal(texts[i].Length - 1, alone.Count);
            Assert.All(alone.TakeLast(3).Zip(together[i]), pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 0.002));
        }
    }

    [NativeFact]
    public async Task Score_WholeContext_IsPossibleAndOneMoreIsNot()
    {
        int most = Model.Settings.ContextLength;
        Assert.Equal(most - 1, (await Model.ScoreAsync([.. Enumerable.Repeat(300, most)])).Count);
        await Assert.ThrowsAsync<UserInputException>(() => Model.ScoreAsync([.. Enumerable.Repeat(300, most + 1)]));
        await Assert.ThrowsAsync<UserInputException>(() => Model.ScoreAsync([300], 1));
        await Assert.ThrowsAsync<UserInputException>(() => Model.ScoreAsync([300, 301], 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Model.ScoreAsync([300, int.MaxValue], 1));
    }
}
