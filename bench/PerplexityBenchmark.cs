using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AgentKit.Eval.Perplexity;
using AgentKit.Models;
using AgentKit.Testing;

namespace AgentKit.Bench;

/// <summary>
/// Perplexity of the same text with the same model, threads and context against llama-perplexity, whose path is in the variable LLAMA_PERPLEXITY. What
/// is timed is all of it: a model opened, the text cut, scored. Both sides take turns within a round. With AGENTKIT_NATIVE_DIR both run the same
/// libraries. The variable PERPLEXITY_BYTES says how much of WikiText-2's test set is read.
/// </summary>
internal static partial class PerplexityBenchmark
{
    private const int Context = 512;
    private const int Rounds = 5;
    private const int DefaultBytes = 40_000;
    private const int Attempts = 3;

    public static async Task RunAsync()
    {
        string program = Environment.GetEnvironmentVariable("LLAMA_PERPLEXITY") is { Length: > 0 } path && File.Exists(path)
            ? path
            : throw new InvalidOperationException("Set LLAMA_PERPLEXITY to a llama-perplexity of v0.5.0; build it from llama.cpp's source.");
        string source = EvalData.PathOf("wikitext-2/test.txt")
            ?? throw new InvalidOperationException("Set AGENTKIT_TESTDATA to a folder with wikitext-2/test.txt.");
        int bytes = int.TryParse(Environment.GetEnvironmentVariable("PERPLEXITY_BYTES"), CultureInfo.InvariantCulture, out int given) ? given : DefaultBytes;
        using var folder = new BenchFolder();
        string text = Path.Combine(Directory.CreateDirectory(folder.Root).FullName, "text.txt");
        File.WriteAllText(text, Beginning(source, bytes));
        BenchReport.PrintHeader(
            "model", "threads", "chunks", "llama-perplexity", "eval ppl", "relative difference", "llama-perplexity, s", "eval ppl, s",
            "speed (median of rounds)");
        foreach (string model in (string[])[Path.Combine(AppContext.BaseDirectory, "models", "nano.gguf"), BenchModel.Create(32_000)])
            foreach (int threads in Enumerable.Range(1, CpuQuota.UsableCpus)) await RunAsync(program, model, text, threads);
    }

    private static async Task RunAsync(string program, string model, string text, int threads)
    {
        List<(double Theirs, double Ours)> rounds = [];
        (string theirs, PerplexityResult? ours) = ("", null);
        for (int round = -1; round < Rounds; round++)
        {
            (theirs, double their) = Run(program, model, text, threads);
            long started = Stopwatch.GetTimestamp();
            ours = await RunAsync(model, text, threads);
            // The first round warms caches and the compiler.
            if (round >= 0) rounds.Add((their, Stopwatch.GetElapsedTime(started).TotalSeconds));
        }

        double published = double.Parse(theirs, CultureInfo.InvariantCulture);
        BenchReport.PrintRow(
            Path.GetFileNameWithoutExtension(model), threads, ours!.Chunks, theirs, $"{ours.Perplexity:0.0000}",
            $"{Math.Abs(ours.Perplexity - published) / published:0.0e+0}", $"{BenchReport.Median(rounds.Select(r => r.Theirs)):0.00}",
            $"{BenchReport.Median(rounds.Select(r => r.Ours)):0.00}", $"{BenchReport.Median(rounds.Select(r => r.Theirs / r.Ours)):0.00}");
    }

    private static async Task<PerplexityResult> RunAsync(string path, string text, int threads)
    {
        LocalModelOptions options = new() { ContextLength = Context, Parallel = 1, Threads = threads, PromptCacheBytes = 0 };
        await using LocalModel model = LocalModel.Open(path, options);
        return await new PerplexityEvaluator(model, new() { ContextLength = Context, NGramOrder = 0 }).ChunksAsync(await File.ReadAllTextAsync(text));
    }

    private static (string Perplexity, double Seconds) Run(string program, string model, string text, int threads)
    {
        string output = "";
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            long started = Stopwatch.GetTimestamp();
            output = Output(program, model, text, threads);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            // Now and then it ends well without having said its number.
            Match estimate = Estimate().Match(output);
            if (estimate.Success) return (estimate.Groups[1].Value, seconds);
        }

        throw new InvalidOperationException($"llama-perplexity gave no number: {output[^Math.Min(500, output.Length)..]}");
    }

    private static string Output(string program, string model, string text, int threads)
    {
        ProcessStartInfo start = new(program, ["-m", model, "-f", text, "-c", $"{Context}", "-t", $"{threads}", "-tb", $"{threads}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LD_LIBRARY_PATH"] = Path.GetDirectoryName(program);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        child.WaitForExit();
        return output;
    }

    /// <summary>The beginning of a text file, up to the end of a line.</summary>
    private static string Beginning(string path, int bytes)
    {
        byte[] content = File.ReadAllBytes(path);
        int end = content.AsSpan(0, Math.Min(bytes, content.Length)).LastIndexOf((byte)'\n') + 1;
        return Encoding.UTF8.GetString(content.AsSpan(0, end));
    }

    [GeneratedRegex(@"Final estimate: PPL = ([0-9.]+)")]
    private static partial Regex Estimate();
}
