using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Testing;
using Microsoft.Extensions.AI;
using Model = AgentKit.Models.LocalModel;

namespace AgentKit.SlowTests.Eval;

public class LocalSubjectTests
{
    private static Model Open(int parallel = 1) => Model.Open(ShippedModel.Path, new() { ContextLength = 512, Parallel = parallel, PromptCacheBytes = 0, Threads = 1 });

    [NativeFact]
    public async Task ScoreAsync_PlainText_IsTheModelsOwnScore()
    {
        await using Model model = Open();
        var subject = new LocalSubject(model, "hash", chat: false);
        ContinuationScore score = Assert.Single(await subject.ScoreAsync([new(EvalPrompt.Plain("The sun is"), " a star")]));
        int[] before = model.Tokenizer.Encode("The sun is"), all = model.Tokenizer.Encode("The sun is a star");
        if (model.Tokenizer.AddsBos) (before, all) = ([model.Tokenizer.Bos, .. before], [model.Tokenizer.Bos, .. all]);
        await model.ForgetPromptsAsync();
        IReadOnlyList<TokenLogProbability> expected = await model.ScoreAsync(all, before.Length);
        Assert.Equal(expected.Select(token => token.LogProbability), score.LogProbabilities);
    }

    [NativeFact]
    public async Task ScoreAsync_OneAtATime_DoesNotDependOnWhatRanBefore()
    {
        await using Model model = Open();
        var subject = new LocalSubject(model, "hash");
        ScoreRequest[] asked = [.. new[] { "red", "a very long answer about colours", "blue" }.Select(answer => new ScoreRequest(EvalPrompt.Chat(new ChatMessage(ChatRole.User, "Which colour has the sky?")), answer))];
        await subject.ResetAsync();
        IReadOnlyList<ContinuationScore> alone = await subject.ScoreAsync(asked);
        await subject.ScoreAsync([new(EvalPrompt.Chat(new ChatMessage(ChatRole.User, "Which colour has grass in summer?")), "green")]);
        await subject.GenerateAsync(new("1", EvalPrompt.Chat(new ChatMessage(ChatRole.User, "Which colour has the sky?"))) { MaxTokens = 8 });
        await subject.ResetAsync();
        IReadOnlyList<ContinuationScore> later = await subject.ScoreAsync(asked);
        Assert.Equal(alone.SelectMany(score => score.LogProbabilities), later.SelectMany(score => score.LogProbabilities));
    }

    [NativeFact]
    public async Task ScoreAsync_Batched_DiffersByRoundingAtMost()
    {
        ScoreRequest[] asked = [.. new[] { " red", " green", " blue", " a cloud" }.Select(answer => new ScoreRequest(EvalPrompt.Plain("Question: Which colour has the sky?\nAnswer:"), answer))];
        await using Model serial = Open(), batched = Open(4);
        IReadOnlyList<ContinuationScore> one = await new LocalSubject(serial, "hash", chat: false).ScoreAsync(asked), other = await new LocalSubject(batched, "hash", chat: false).ScoreAsync(asked);
        for (int i = 0; i < asked.Length; i++) Assert.Equal(one[i].LogLikelihood, other[i].LogLikelihood, 1e-2 * Math.Abs(one[i].LogLikelihood));
    }

    [NativeFact]
    public async Task GenerateAsync_PlainText_WritesTheMostLikelyTokens()
    {
        await using Model model = Open();
        var subject = new LocalSubject(model, "hash", chat: false);
        SubjectReply reply = await subject.GenerateAsync(new("1", EvalPrompt.Plain("One two three")) { MaxTokens = 6 });
        ContinuationScore score = Assert.Single(await subject.ScoreAsync([new(EvalPrompt.Plain("One two three"), reply.Text)]));
        Assert.True(score.IsGreedy || reply.Text.Length == 0);
        if (reply.Text.Length < 2) return;
        SubjectReply cut = await subject.GenerateAsync(new("1", EvalPrompt.Plain("One two three")) { MaxTokens = 6, Until = [reply.Text[1..2]] });
        Assert.Equal(reply.Text[..reply.Text.IndexOf(reply.Text[1])], cut.Text);
    }

    [NativeFact]
    public async Task GenerateAsync_PlainTextAtATemperature_IsDrawnWithItsSeed()
    {
        await using Model model = Open();
        var subject = new LocalSubject(model, "hash", chat: false);
        GenerateRequest request = new("1", EvalPrompt.Plain("One two three")) { MaxTokens = 12, Temperature = 1 };
        string[] drawn = new string[5];
        for (int seed = 0; seed < drawn.Length; seed++)
        {
            await subject.ResetAsync();
            drawn[seed] = (await subject.GenerateAsync(request with { Seed = seed })).Text;
        }

        Assert.NotEqual(1, drawn.Distinct().Count());
        await subject.ResetAsync();
        Assert.Equal(drawn[3], (await subject.GenerateAsync(request with { Seed = 3 })).Text);
        await subject.ResetAsync();
        string greedy = (await subject.GenerateAsync(request with { Temperature = 0 })).Text;
        await subject.ResetAsync();
        Assert.Equal(greedy, (await subject.GenerateAsync(request with { Temperature = 1e-4f })).Text);
    }

    [NativeFact]
    public async Task ScoreAsync_QuestionWithAControlToken_IsRefused()
    {
        await using Model model = Open();
        string control = model.Tokenizer.Decode([model.Tokenizer.Eos]);
        UserInputException e = await Assert.ThrowsAsync<UserInputException>(
            () => new LocalSubject(model, "hash").ScoreAsync([new(EvalPrompt.Chat(new ChatMessage(ChatRole.User, $"What is {control}?")), "x")]));
        Assert.Equal("sample", e.Field);
    }

    [NativeFact]
    public async Task Read_OfALocalResponse_TellsWhatCouldHaveBeenWritten()
    {
        await using Model model = Open();
        var reader = new LocalScoreReader();
        ChatResponse response = await model.GetResponseAsync("Repeat: 4", reader.Request(new() { Temperature = 0, MaxOutputTokens = 4 }));
        IReadOnlyList<IReadOnlyList<(string Text, double LogProbability)>> tokens = reader.Read(response);
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token =>
        {
            Assert.InRange(token.Count, 20, 21);
            Assert.Equal(token.Max(one => one.LogProbability), token[0].LogProbability);
            Assert.InRange(token.Sum(one => Math.Exp(one.LogProbability)), 0, 1.0001);
        });
    }

    [NativeFact]
    public async Task Signature_ChatOrNot_SaysSo()
    {
        await using Model model = Open();
        Assert.Contains("|template:none|", new LocalSubject(model, "0123456789abcdef", chat: false).Signature, StringComparison.Ordinal);
        string chat = new LocalSubject(model, "0123456789abcdef", adapterHash: "fedcba9876543210").Signature;
        Assert.DoesNotContain("template:none", chat, StringComparison.Ordinal);
        Assert.Contains("sha256:0123456789ab|", chat, StringComparison.Ordinal);
        Assert.Contains("|adapter:fedcba987654|", chat, StringComparison.Ordinal);
        Assert.Contains("|ctx:512|", chat, StringComparison.Ordinal);
        Assert.Contains($"|engine:{NativeRuntime.Probe().Version}|prompts:", chat, StringComparison.Ordinal);
        using EvalJudge judge = EvalJudge.Of(model, "0123456789abcdef");
        Assert.Contains(",ctx:512,", judge.Signature, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task GenerateAsync_AnswerThatTheContextCutsOff_IsAnErrorAndOneAtItsOwnLimitIsNot()
    {
        await using Model model = Open();
        var subject = new LocalSubject(model, "hash");
        SubjectReply limited = await subject.GenerateAsync(Long(100) with { MaxTokens = 2 });
        Assert.Equal("length", limited.Finish);
        // The longest question that still fits leaves no room for an answer.
        for (int words = 520; words > 0; words--)
        {
            UserInputException? e = await Record.ExceptionAsync(() => subject.GenerateAsync(Long(words))) as UserInputException;
            if (e?.Message.StartsWith("The prompt has", StringComparison.Ordinal) == true) continue;
            Assert.Contains("context of 512 tokens was full", e?.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Fail("No question fits.");

        static GenerateRequest Long(int words) => new("1", EvalPrompt.Chat(new ChatMessage(ChatRole.User, string.Join(' ', Enumerable.Repeat("sun", words)))));
    }
}
