using System.Diagnostics;
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

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("what", "vocabulary", "cold", "shared beginning", "ratio (median of rounds)");
        foreach (int vocabulary in (int[])[32_000, 152_000])
        {
            await SecondTurnAsync(vocabulary);
        }

        await AgentsAsync();
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

    private static string Text(LocalModel model, int seed)
    {
        Random random = new(seed);
        int[] words = [.. Enumerable.Range(0, PrefixTokens).Select(_ => random.Next(300, 30_000))];
        string text = model.Tokenizer.Decode(words);
        return model.Tokenizer.Decode(model.Tokenizer.Encode(text)[..PrefixTokens]);
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
