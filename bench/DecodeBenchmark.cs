using System.Diagnostics;
using System.Numerics.Tensors;
using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Native;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>One stream through <see cref="IChatClient"/> against a bare loop of llama_decode and argmax over the same library in the same process.</summary>
internal static class DecodeBenchmark
{
    private const int Tokens = 256;
    private const int Rounds = 9;

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("vocabulary", "threads", "bare loop, tokens/s", "IChatClient, tokens/s", "ratio (median of rounds)");
        foreach (int vocabulary in (int[])[32_000, 152_000])
        {
            foreach (int threads in Enumerable.Range(1, CpuQuota.UsableCpus))
            {
                await RunAsync(BenchModel.Create(vocabulary), vocabulary, threads);
            }
        }
    }

    private static async Task RunAsync(string path, int vocabulary, int threads)
    {
        using LocalModel model = LocalModel.Open(path, new() { Parallel = 1, Threads = threads, ContextLength = 1024 });
        using ModelHandle bareModel = LlamaApi.ModelLoadFromFile(path, LlamaApi.ModelDefaultParams());
        using EngineContext bare = new(bareModel, model.Tokenizer, new(1024, 1024, 1, 512, threads));
        List<(double Bare, double Chat)> rounds = [];
        for (int round = -1; round < Rounds; round++)
        {
            // Both sides take turns within a round, so that a busy moment of the machine hits both; round -1 warms up.
            (double, double) result = (BareLoop(bare, model.Tokenizer), await ChatAsync(model));
            if (round >= 0)
            {
                rounds.Add(result);
            }
        }

        BenchReport.PrintRow($"{vocabulary:N0}", threads, $"{BenchReport.Median(rounds.Select(r => r.Bare)):N0}",
            $"{BenchReport.Median(rounds.Select(r => r.Chat)):N0}", $"{BenchReport.Median(rounds.Select(r => r.Chat / r.Bare)):0.000}");
    }

    private static double BareLoop(EngineContext context, Tokenizer tokenizer)
    {
        using TokenBatch batch = new(512, tokenizer.VocabularySize);
        int[] prompt = tokenizer.Encode("<|im_start|>user\nTell me a story.<|im_end|>\n<|im_start|>assistant\n", parseSpecial: true);
        context.Trim(0, 0);
        int position = 0;
        int output = -1;
        foreach (int token in prompt)
        {
            output = batch.Add(token, position++, 0, position == prompt.Length);
        }

        context.TryDecode(batch);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Tokens; i++)
        {
            int next = TensorPrimitives.IndexOfMax<float>(context.Logits(output));
            batch.Clear();
            output = batch.Add(next, position++, 0, output: true);
            context.TryDecode(batch);
        }

        return Tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> ChatAsync(LocalModel model)
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = Tokens + 1 };
        long start = 0;
        long tokens = 0;
        await foreach (ChatResponseUpdate update in model.GetStreamingResponseAsync("Tell me a story.", options))
        {
            start = start == 0 ? Stopwatch.GetTimestamp() : start;
            tokens = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details.OutputTokenCount ?? tokens;
        }

        // The clock starts with the first token, as it does after the prompt in the bare loop.
        return (tokens - 1) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
