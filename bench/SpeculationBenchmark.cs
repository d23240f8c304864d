using System.Diagnostics;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>Guessing ahead on repetitive text with the shipped model: decode calls and time against none, and whether the greedy text is the same.</summary>
internal static class SpeculationBenchmark
{
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf");
        BenchReport.PrintHeader("guesses", "decode calls", "against none", "time, ms (median of rounds)", "against none", "guesses right", "same greedy text");
        (string Text, long Calls, double Milliseconds, LocalResponseDetails Details) none = await MeasureAsync(path, new());
        Print("none", none, none);
        Print("prompt lookup", await MeasureAsync(path, new() { Speculation = Speculation.PromptLookup }), none);
        Print("draft model (the model itself)", await MeasureAsync(path, new() { Speculation = Speculation.DraftModel, DraftModel = path }), none);
    }

    private static void Print(
        string name, (string Text, long Calls, double Milliseconds, LocalResponseDetails Details) run, (string Text, long Calls, double Milliseconds, LocalResponseDetails Details) none) =>
        BenchReport.PrintRow(name, run.Calls, $"{(double)run.Calls / none.Calls:0.00}", $"{run.Milliseconds:0}", $"{run.Milliseconds / none.Milliseconds:0.00}",
            $"{run.Details.AcceptedTokens} of {run.Details.DraftedTokens}", run.Text == none.Text ? "yes" : "no");

    private static async Task<(string Text, long Calls, double Milliseconds, LocalResponseDetails Details)> MeasureAsync(string path, LocalModelOptions options)
    {
        string question = "Repeat: " + string.Join(' ', Enumerable.Repeat("red green blue", 20));
        using LocalModel model = LocalModel.Open(path, options with { ContextLength = 512, Parallel = 1 });
        List<double> times = [];
        (ChatResponse? response, long calls) = (null, 0);
        for (int round = 0; round <= Rounds; round++)
        {
            long before = model.Engine.DecodeCalls;
            long start = Stopwatch.GetTimestamp();
            response = await model.GetResponseAsync(question, new() { Temperature = 0, MaxOutputTokens = 250 });
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            calls = model.Engine.DecodeCalls - before;
        }

        // The first round computes the prompt; the others find it in the cache.
        return (response!.Text, calls, BenchReport.Median(times.Skip(1)), LocalResponseDetails.Of(response)!);
    }
}
