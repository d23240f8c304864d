using AgentKit.Eval.Perplexity;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Testing;
using Model = AgentKit.Models.LocalModel;

namespace AgentKit.Tests.Eval;

public class PerplexityTests
{
    private const string Sentence = "The farmer counts 12 sheep on the hill, and 7 more by the river. ";

    private static readonly string Text = string.Concat(Enumerable.Range(0, 20).Select(i => $"{i}. {Sentence}"));

    [Fact]
    public void Chunks_TokensAndTail_KeepsWholeChunksAndReplacesTheFirstToken()
    {
        ScoringWindow[] windows = [.. ScoringWindow.Chunks([10, 11, 12, 13, 20, 21, 22, 23, 30, 31], 4, bos: 1)];
        Assert.Equal(2, windows.Length);
        Assert.Equal([1, 11, 12, 13], windows[0].Tokens);
        Assert.Equal([1, 21, 22, 23], windows[1].Tokens);
        Assert.All(windows, window => Assert.Equal((3, 1), (window.From, window.Scored)));
        Assert.Equal([3, 7], windows.Select(window => window.Start));
        Assert.Equal([10, 11, 12, 13], ScoringWindow.Chunks([10, 11, 12, 13], 4, bos: null).Single().Tokens);
    }

    [Fact]
    public void Rolling_AnyLength_ScoresEveryTokenOnce()
    {
        int[] tokens = [.. Enumerable.Range(100, 11)];
        ScoringWindow[] windows = [.. ScoringWindow.Rolling(tokens, 4, prefix: 1)];
        Assert.Equal(tokens, windows.SelectMany(window => window.Tokens[window.From..]));
        Assert.Equal([1, 100, 101, 102, 103], windows[0].Tokens);
        Assert.Equal([103, 104, 105, 106, 107], windows[1].Tokens);
        // The last window is filled up with tokens that were scored before.
        Assert.Equal([106, 107, 108, 109, 110], windows[2].Tokens);
        Assert.Equal(2, windows[2].From);
        Assert.Equal([1, 100, 101], ScoringWindow.Rolling(tokens[..2], 4, prefix: 1).Single().Tokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NGramModel_AnyContext_ProbabilitiesSumToOne(int order)
    {
        int[] text = [0, 1, 2, 0, 1, 3, 0, 1, 2, 2];
        double laplace = 0, kneserNey = 0;
        for (int next = 0; next < 5; next++)
        {
            var model = new NGramModel(order, vocabulary: 5);
            int[] tokens = [.. text, next];
            (double Laplace, double KneserNey) read = default;
            for (int i = 0; i < tokens.Length; i++) read = model.Read(tokens, i);
            laplace += read.Laplace;
            kneserNey += read.KneserNey;
        }

        Assert.Equal(1, laplace, 1e-12);
        Assert.Equal(1, kneserNey, 1e-12);
    }

    [Fact]
    public void NGramModel_Bigrams_AreWorkedOutByHand()
    {
        var model = new NGramModel(2, vocabulary: 4);
        int[] tokens = [0, 1, 0, 1, 0, 2];
        (double Laplace, double KneserNey)[] read = [.. Enumerable.Range(0, tokens.Length).Select(i => model.Read(tokens, i))];
        Assert.Equal((0.25, 0.25), read[0]);
        // After "0" came 1 twice. Words seen after something: 0 after the beginning and after 1, 1 after 0; so p(2) = (0 + 0.75 · 2 · 1/4)
        // / 3.
        Assert.Equal(1.0 / (2 + 4), read[5].Laplace, 1e-12);
        Assert.Equal(0.75 * 1 * (0.75 * 2 * 0.25 / 3) / 2, read[5].KneserNey, 1e-12);
    }

    [NativeFact]
    public async Task ChunksAsync_ShippedModel_AgreesWithScoresOfEachChunk()
    {
        using Model model = Model.Open(ShippedModel.Path, new() { ContextLength = 64, Parallel = 1, PromptCacheBytes = 0 });
        PerplexityResult result = await new PerplexityEvaluator(model, new() { ContextLength = 64 }).ChunksAsync(Text);
        int[] tokens = model.Tokenizer.Encode(Text, addSpecial: true);
        double sum = 0;
        int scored = 0;
        for (int start = 0; start + 64 <= tokens.Length; start += 64)
        {
            int[] chunk = tokens[start..(start + 64)];
            if (model.Tokenizer.AddsBos) chunk[0] = model.Tokenizer.Bos;
            foreach (TokenLogProbability token in await model.ScoreAsync(chunk, 33))
            {
                sum -= token.LogProbability;
                scored++;
            }
        }

        Assert.Equal(scored, result.TokensScored);
        Assert.Equal((tokens.Length / 64, tokens.Length / 64 * 31), (result.Chunks, scored));
        Assert.Equal(Math.Exp(sum / scored), result.Perplexity, 1e-3 * result.Perplexity);
        Assert.True(result.StandardError > 0);
        Assert.Contains("mode:chunks|ctx:64|", result.Signature, StringComparison.Ordinal);
        Assert.Equal(["laplace", "kneser_ney"], result.Baselines.Select(baseline => baseline.Smoothing));
    }

    [NativeFact]
    public async Task RollingAsync_ShippedModel_ScoresAllTokensAndCountsBytesAndWords()
    {
        using Model model = Model.Open(ShippedModel.Path, new() { ContextLength = 65, Parallel = 2, PromptCacheBytes = 0 });
        PerplexityResult result = await new PerplexityEvaluator(model, new() { ContextLength = 64, NGramOrder = 0 }).RollingAsync(Text);
        Assert.Equal(model.Tokenizer.Encode(Text).Length, result.TokensScored);
        double total = result.MeanNegativeLogLikelihood * result.TokensScored;
        Assert.Equal(total / Text.Length / Math.Log(2), result.BitsPerByte!.Value, 1e-9);
        Assert.Equal(Math.Exp(total / (Text.Split(' ').Length)), result.WordPerplexity!.Value, 1e-6 * result.WordPerplexity.Value);
        Assert.Empty(result.Baselines);
    }

    [NativeFact]
    public async Task CompareAsync_ModelWithItself_DoesNotDiverge()
    {
        using Model model = Model.Open(ShippedModel.Path, new() { ContextLength = 64, Parallel = 1, PromptCacheBytes = 0 });
        DivergenceResult result = await new DivergenceEvaluator(model, model).CompareAsync(Text, 64);
        PerplexityResult perplexity = await new PerplexityEvaluator(model, new() { ContextLength = 64 }).ChunksAsync(Text);
        Assert.Equal(0, result.Mean, 1e-4);
        Assert.Equal(1, result.SameTop, 0.02);
        Assert.Equal(perplexity.Perplexity, result.Perplexity, 1e-3 * result.Perplexity);
        Assert.Equal((perplexity.TokensScored, perplexity.Chunks), (result.TokensScored, result.Chunks));
    }

    [Fact]
    public void DivergenceTally_TwoPositions_AreWorkedOutByHand()
    {
        var tally = new DivergenceTally(2);
        float[] half = [0, 0];
        float[] quarter = [0, (float)Math.Log(3)];
        tally.Add(quarter, half, token: 0);
        tally.Add(half, half, token: 1);
        DivergenceResult result = tally.Result(1, 4, "");
        double first = 0.5 * Math.Log(2) + 0.5 * Math.Log(2.0 / 3);
        Assert.Equal(first / 2, result.Mean, 1e-6);
        Assert.Equal(first, result.Percentiles[100], 1e-6);
        Assert.Equal(0.5, result.SameTop);
        Assert.Equal(-0.125, result.MeanProbabilityChange, 1e-6);
        Assert.Equal(Math.Sqrt(0.0625 / 2), result.RootMeanSquareProbabilityChange, 1e-6);
        Assert.Equal(Math.Sqrt(8), result.Perplexity, 1e-5);
        Assert.Equal(2, result.BasePerplexity, 1e-6);
    }

    [NativeFact]
    public async Task ChunksAsync_TooLittleText_SaysHowMuchIsNeeded()
    {
        using Model model = Model.Open(ShippedModel.Path, new() { ContextLength = 64, Parallel = 1 });
        var evaluator = new PerplexityEvaluator(model, new() { ContextLength = 64 });
        Assert.Contains("128 are needed", (await Assert.ThrowsAsync<UserInputException>(() => evaluator.ChunksAsync("Too short."))).Message,
            StringComparison.Ordinal);
        var long65 = new PerplexityEvaluator(model, new() { ContextLength = 65 });
        await Assert.ThrowsAsync<UserInputException>(() => long65.ChunksAsync(Text));
    }
}
