using System.Diagnostics;
using System.Text.Json;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>What a shared beginning of about 2,000 tokens saves: time to the first token in a second turn, and KV cells of many agents.</summary>
internal static class PrefixBenchmark
{
    private const int PrefixTokens = 2000;
    private const int Rounds = 5;
    private const int Agents = 32;

    private static readonly JsonElement Endless = JsonDocument.Parse("""{"type":"array","items":{"type":"integer"},"minItems":100000}""").RootElement;

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("what", "vocabulary", "without", "with", "ratio (median of rounds)");
        foreach (int vocabulary in (int[])[32_000, 152_000])
        {
            await SecondTurnAsync(vocabulary);
        }

        await AgentsAsync();
        await GapAsync();
    }

    private static async Task SecondTurnAsync(int vocabulary)
    {
        using LocalModel model = LocalModel.Open(BenchModel.Create(vocabulary), new() { Parallel = 1, ContextLength = 3072 });
        await FirstTokenAsync(model, [new(ChatRole.User, "Warm up.")]);
        List<(double Cold, double Warm)> rounds = [];
        for (int round = 0; round < Rounds; round++)
        {
            ChatMessage[] first = [new(ChatRole.System, Text(model, round)), new(ChatRole.User, "First question?")];
            (double cold, _, string answer) = await FirstTokenAsync(model, first);
            (double warm, long cached, _) = await FirstTokenAsync(model, [.. first, new(ChatRole.Assistant, answer), new(ChatRole.User, "Second question?")]);
            if (cached < PrefixTokens)
            {
                throw new InvalidOperationException($"The second turn shared {cached} tokens, not {PrefixTokens}.");
            }

            rounds.Add((cold, warm));
        }

        BenchReport.PrintRow("time to the first token of the second turn", $"{vocabulary:N0}", $"{BenchReport.Median(rounds.Select(r => r.Cold)):0} ms",
            $"{BenchReport.Median(rounds.Select(r => r.Warm)):0.0} ms", $"{BenchReport.Median(rounds.Select(r => r.Warm / r.Cold)):0.000}");
    }

    private static async Task AgentsAsync()
    {
        using LocalModel model = LocalModel.Open(BenchModel.Create(32_000), new() { Parallel = Agents, ContextLength = 3072 });
        string system = Text(model, 99);
        ChatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, Agents).Select(agent => model.GetResponseAsync(
            [new(ChatRole.System, system), new(ChatRole.User, $"I am agent {agent}. Who are you?")], new() { Temperature = 0, MaxOutputTokens = 16 })));
        long tokens = answers.Sum(answer => answer.Usage!.TotalTokenCount!.Value);
        int cells = model.Engine.CellsUsed;
        BenchReport.PrintRow($"KV cells of {Agents} agents with one system prompt", "32,000", $"{tokens:N0}", $"{cells:N0}", $"{(double)cells / tokens:0.000}");
    }

    /// <summary>A stream of text goes on while a long prompt is read: how long does it stop at most, and how long did reading the prompt take?</summary>
    private static async Task GapAsync()
    {
        using LocalModel model = LocalModel.Open(BenchModel.Create(32_000), new() { Parallel = 2, ContextLength = 3072 });
        List<(double Prompt, double Gap)> rounds = [];
        for (int round = 0; round < Rounds; round++)
        {
            using CancellationTokenSource done = new();
            TaskCompletionSource started = new();
            Task<double> gap = LongestGapAsync(model, started, done.Token);
            await started.Task;
            (double prompt, _, _) = await FirstTokenAsync(model, [new(ChatRole.System, Text(model, 200 + round)), new(ChatRole.User, "Question?")]);
            await done.CancelAsync();
            rounds.Add((prompt, await gap));
        }

        BenchReport.PrintRow("longest stop of a running text while another prompt is read", "32,000", $"{BenchReport.Median(rounds.Select(r => r.Prompt)):0} ms",
            $"{BenchReport.Median(rounds.Select(r => r.Gap)):0} ms", $"{BenchReport.Median(rounds.Select(r => r.Gap / r.Prompt)):0.000}");
    }

    private static async Task<double> LongestGapAsync(LocalModel model, TaskCompletionSource started, CancellationToken done)
    {
        double longest = 0;
        long last = 0;
        try
        {
            // A grammar that never ends keeps the stream going.
            ChatOptions endless = new() { Temperature = 0, ResponseFormat = ChatResponseFormat.ForJsonSchema(Endless) };
            await foreach (ChatResponseUpdate _ in model.GetStreamingResponseAsync("Tell me a story.", endless, done))
            {
                longest = last == 0 ? 0 : Math.Max(longest, Stopwatch.GetElapsedTime(last).TotalMilliseconds);
                last = Stopwatch.GetTimestamp();
                started.TrySetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // The other prompt has been read.
        }

        return longest;
    }

    private static string Text(LocalModel model, int seed)
    {
        // Words as in a real text: a tokenizer takes long over a single word of thousands of letters.
        Random random = new(seed);
        IEnumerable<string> words = Enumerable.Range(0, PrefixTokens).Select(_ => new string([.. Enumerable.Range(0, random.Next(2, 8)).Select(_ => (char)random.Next('a', 'z' + 1))]));
        return model.Tokenizer.Decode(model.Tokenizer.Encode(string.Join(' ', words))[..PrefixTokens]);
    }

    private static async Task<(double Milliseconds, long Cached, string Text)> FirstTokenAsync(LocalModel model, ChatMessage[] messages)
    {
        long start = Stopwatch.GetTimestamp();
        double first = 0;
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in model.GetStreamingResponseAsync(messages, new() { Temperature = 0, MaxOutputTokens = 16 }))
        {
            first = updates.Count == 0 ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : first;
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        return (first, response.Usage!.CachedInputTokenCount!.Value, response.Text);
    }
}
