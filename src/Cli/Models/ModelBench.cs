using System.Globalization;
using System.Text;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Models;

/// <summary>Timed requests. Every prompt begins differently, so that no cached prefix is counted as computed.</summary>
internal sealed class ModelBench(IChatClient client, Tokenizer tokenizer, TimeProvider time, int promptTokens, int outputTokens)
{
    private const int MostRequests = 16;

    private int _prompts;

    /// <summary>One request after another: tokens read per second, tokens written per second.</summary>
    public async Task<(double Prefill, double Decode)> MeasureOneAsync(CancellationToken stop)
    {
        await AskAsync(stop);
        double reading = 0, writing = 0;
        long read = 0, written = 0;
        // A model may end its answer early; further answers make up for it.
        for (int requests = 0; requests < MostRequests && written < outputTokens - 1; requests++)
        {
            Timing timing = await AskAsync(stop);
            read += timing.Input;
            reading += timing.ToFirst.TotalSeconds;
            written += Math.Max(timing.Output - 1, 0);
            writing += (timing.Whole - timing.ToFirst).TotalSeconds;
        }

        return (Rate(read, reading), Rate(written, writing));
    }

    /// <summary>Several requests at once: tokens written by all of them per second of wall time, reading the prompts included.</summary>
    public async Task<double> MeasureManyAsync(int n, CancellationToken stop)
    {
        long started = time.GetTimestamp();
        Timing[] timings = await Task.WhenAll(Enumerable.Range(0, n).Select(_ => AskAsync(stop)));
        return Rate(timings.Sum(timing => timing.Output), time.GetElapsedTime(started).TotalSeconds);
    }

    private static double Rate(long tokens, double seconds) => seconds > 0 ? tokens / seconds : 0;

    private async Task<Timing> AskAsync(CancellationToken stop)
    {
        var options = new ChatOptions { MaxOutputTokens = outputTokens, Temperature = 0 };
        ChatMessage[] messages = [new(ChatRole.User, Prompt())];
        long started = time.GetTimestamp();
        TimeSpan? first = null;
        long input = 0, output = 0;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, options, stop))
        {
            if (update.Text.Length > 0) first ??= time.GetElapsedTime(started);
            foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
            {
                input += (usage.Details.InputTokenCount ?? 0) - (usage.Details.CachedInputTokenCount ?? 0);
                output += usage.Details.OutputTokenCount ?? 0;
            }
        }

        TimeSpan whole = time.GetElapsedTime(started);
        return new(input, output, first ?? whole, whole);
    }

    private string Prompt()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Repeat {Interlocked.Increment(ref _prompts)}:");
        for (int word = 0; tokenizer.Encode(text.ToString()).Length < promptTokens; word++)
            text.Append(CultureInfo.InvariantCulture, $" {word % 10} and");
        return text.ToString();
    }

    private readonly record struct Timing(long Input, long Output, TimeSpan ToFirst, TimeSpan Whole);
}
