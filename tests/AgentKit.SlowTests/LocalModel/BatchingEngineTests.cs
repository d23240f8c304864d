using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Native;
using AgentKit.Models.Sampling;
using AgentKit.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.SlowTests.Models;

public sealed class BatchingEngineTests : IAsyncLifetime
{
    private ModelHandle _model = null!;
    private Tokenizer _tokenizer = null!;
    private BatchingEngine _engine = null!;

    public Task InitializeAsync()
    {
        if (ShippedModel.SkipReason is null)
        {
            NativeRuntime.Probe();
            ModelFile.OpenChecked(ShippedModel.Path);
            _model = LlamaApi.ModelLoadFromFile(ShippedModel.Path, LlamaApi.ModelDefaultParams());
            _tokenizer = new(_model);
            _engine = new(_model, _tokenizer, new(1024, 4096, 8, 64, CpuQuota.UsableCpus, AdaptThreads: true), NullLogger.Instance);
        }

        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
            _model.Dispose();
        }
    }

    [NativeFact]
    public async Task Generate_TogetherOrAlone_GivesTheSameGreedyTokens()
    {
        string[] questions =
        [
            "Repeat: the red house", "What is your name?", "Repeat: one two three four", "My name is Zara.",
            "Summarize: The fox ran. It was quick.", "Repeat: alpha beta", "Hello", "Repeat: 9 8 7 6 5 4 3 2 1",
        ];
        List<string> alone = [];
        foreach (string question in questions)
        {
            alone.Add(await AskAsync(question));
        }

        long before = _engine.DecodeCalls;
        string[] together = await Task.WhenAll(questions.Select(q => AskAsync(q)));
        Assert.Equal(alone, together);
        Assert.Contains("red house", alone[0]);
        Assert.InRange(_engine.DecodeCalls - before, 1, alone.Sum(a => a.Length));
    }

    [NativeFact]
    public async Task Generate_PromptSeenBefore_IsNotComputedAgain()
    {
        GenerationUpdate first = await LastAsync(Request("Repeat: the green garden"));
        GenerationUpdate second = await LastAsync(Request("Repeat: the green garden"));
        Assert.Equal(0, first.CachedTokens);
        Assert.Equal(second.PromptTokens - 1, second.CachedTokens);
        Assert.Equal(first.OutputTokens, second.OutputTokens);
    }

    [NativeFact]
    public async Task Generate_SharedBeginning_IsComputedAndHeldOnce()
    {
        await using BatchingEngine small = new(_model, _tokenizer, new(512, 600, 8, 64, 1), NullLogger.Instance);
        int[] beginning = [.. Enumerable.Range(0, 300).Select(i => 300 + (i % 97))];
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new GenerationRequest { Prompt = [.. beginning, 400 + i, 500], MaxTokens = 16 })];
        GenerationUpdate[] ends = await Task.WhenAll(requests.Select(async request =>
        {
            GenerationUpdate last = default;
            await foreach (GenerationUpdate update in small.GenerateAsync(request))
            {
                last = update;
            }

            return last;
        }));

        // Eight times 318 cells would not fit into 600: they run together only because they hold the beginning together.
        Assert.Equal(7, ends.Count(end => end.CachedTokens >= 290));
        Assert.InRange(small.CellsUsed, 300, 600);
        Assert.InRange(small.DecodeCalls, 1, 40);
    }

    [NativeFact]
    public async Task Generate_AFewTokensMoreThanALongKnownBeginning_ComputesAFullTileAndTheSameText()
    {
        int[] beginning = [.. Enumerable.Range(0, 1200).Select(i => 300 + (i * 7 % 97))];
        GenerationRequest longer = new() { Prompt = [.. beginning, .. Enumerable.Range(0, 40).Select(i => 310 + i)], MaxTokens = 8 };
        await using BatchingEngine warm = Long();
        await LastAsync(new() { Prompt = beginning, MaxTokens = 1 }, warm);
        GenerationUpdate known = await LastAsync(longer, warm);
        await using BatchingEngine cold = Long();
        GenerationUpdate fresh = await LastAsync(longer, cold);

        Assert.Equal(longer.Prompt.Length - 64, known.CachedTokens);
        Assert.Equal(fresh.Text, known.Text);

        BatchingEngine Long() => new(_model, _tokenizer, new(2048, 2048, 1, 512, 1), NullLogger.Instance);
    }

    [NativeFact]
    public async Task Generate_MaxTokensStopTextOrFullContext_SaysWhyItEnded()
    {
        Assert.Equal(GenerationEnd.EndOfTurn, (await LastAsync(Request("Repeat: a b c"))).End);
        GenerationUpdate limited = await LastAsync(Request("Repeat: a b c d e f") with { MaxTokens = 2 });
        Assert.Equal((GenerationEnd.MaxTokens, 2), (limited.End, limited.OutputTokens));
        Assert.Equal(GenerationEnd.StopText, (await LastAsync(Request("Repeat: a b c d e f") with { StopTexts = ["d"] })).End);
        Assert.DoesNotContain("d", await AskAsync("Repeat: a b c d e f", ["d"]));
        GenerationUpdate full = await LastAsync(new() { Prompt = [.. Enumerable.Repeat(5, 1020)], Constraint = new NeverEnding(_tokenizer) });
        Assert.Equal((GenerationEnd.ContextFull, 4), (full.End, full.OutputTokens));
    }

    [NativeFact]
    public async Task Generate_PromptTooLongOrEmpty_IsRefusedWithNumbers()
    {
        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => LastAsync(new() { Prompt = new int[1024] }));
        Assert.Contains("1,024", error.Message);
        await Assert.ThrowsAsync<UserInputException>(() => LastAsync(new() { Prompt = [] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LastAsync(new() { Prompt = [int.MaxValue] }));
    }

    [NativeFact]
    public async Task Generate_CancelledMidway_FreesTheSequence()
    {
        for (int round = 0; round < 40; round++)
        {
            using CancellationTokenSource cancel = new();
            GenerationRequest endless = new() { Prompt = [7, 8, 9 + round], Constraint = new NeverEnding(_tokenizer) };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (GenerationUpdate update in _engine.GenerateAsync(endless, cancel.Token))
                {
                    if (update.OutputTokens >= 3)
                    {
                        cancel.Cancel();
                    }
                }
            });
        }

        // 40 abandoned requests of up to 1,024 cells each: none may still hold its part of the 4,096.
        Assert.Contains("still here", await AskAsync("Repeat: still here"));
    }

    [NativeFact]
    public async Task Generate_MoreRequestsThanRoom_AllComplete()
    {
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => AskAsync($"Repeat: number {i}")));
        Assert.All(answers, (answer, i) => Assert.Contains($"number {i}", answer));
    }

    [NativeFact]
    public async Task Generate_ConstraintFails_OnlyThatRequestFails()
    {
        Task<string> good = AskAsync("Repeat: all is well");
        await Assert.ThrowsAsync<NativeRuntimeException>(() => LastAsync(Request("Hello") with { Constraint = new NothingAllowed() }));
        Assert.Contains("all is well", await good);
    }

    [NativeFact]
    public async Task Dispose_WhileGenerating_EndsAsCancelled()
    {
        Task<GenerationUpdate> running = LastAsync(new() { Prompt = [7, 8, 9], Constraint = new NeverEnding(_tokenizer) });
        await _engine.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => LastAsync(Request("Hello")));
    }

    private GenerationRequest Request(string question) => new()
    {
        Prompt = _tokenizer.Encode($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true),
    };

    private async Task<string> AskAsync(string question, string[]? stops = null)
    {
        StringBuilder text = new();
        await foreach (GenerationUpdate update in _engine.GenerateAsync(Request(question) with { StopTexts = stops ?? [] }))
        {
            text.Append(update.Text);
        }

        return text.ToString();
    }

    /// <summary>The last update, with the whole text.</summary>
    private async Task<GenerationUpdate> LastAsync(GenerationRequest request, BatchingEngine? engine = null)
    {
        GenerationUpdate last = default;
        await foreach (GenerationUpdate update in (engine ?? _engine).GenerateAsync(request))
        {
            last = update with { Text = last.Text + update.Text };
        }

        return last;
    }

    /// <summary>Forbids the end of the turn.</summary>
    private sealed class NeverEnding(Tokenizer tokenizer) : TokenConstraint
    {
        public override bool Allows(int token) => !tokenizer.IsEndOfGeneration(token);

        public override void ApplyMask(Span<float> logits)
        {
            foreach (int token in tokenizer.Special.EndOfGeneration)
            {
                logits[token] = float.NegativeInfinity;
            }
        }

        public override void Accept(int token) => Assert.True(Allows(token));
    }

    private sealed class NothingAllowed : TokenConstraint
    {
        public override bool Allows(int token) => false;

        public override void ApplyMask(Span<float> logits) => logits.Fill(float.NegativeInfinity);

        public override void Accept(int token) => Assert.Fail("nothing is allowed");
    }
}
