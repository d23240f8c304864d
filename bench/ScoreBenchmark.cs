using System.Diagnostics;
using System.Globalization;
using AgentKit.Eval.Metrics;
using AgentKit.Testing;

namespace AgentKit.Bench;

/// <summary>
/// Corpus scores of systems of WMT 2017 against sacreBLEU, in seconds of the call alone: neither side's start nor the reading of files counts. The
/// variable SACREBLEU_PYTHON names a Python that can import sacrebleu; without it only this side is measured.
/// </summary>
internal static class ScoreBenchmark
{
    private const int Rounds = 3;
    private const string Folder = "sacrebleu-wmt17";

    private static readonly string[] Systems = ["newstest2017.LIUM-NMT.4900.en-de", "newstest2017.uedin-nmt.4722.en-de", "newstest2017.online-B.0.en-de"];

    private static readonly (string Name, TextMetric Metric, string Python)[] Metrics =
    [
        ("BLEU", new BleuMetric(), "BLEU()"),
        ("chrF", new ChrfMetric(), "CHRF()"),
        ("chrF++", new ChrfMetric(new() { WordOrder = 2 }), "CHRF(word_order=2)"),
        ("TER", new TerMetric(), "TER()"),
    ];

    public static Task RunAsync()
    {
        string? python = Environment.GetEnvironmentVariable("SACREBLEU_PYTHON") is { Length: > 0 } named ? named : null;
        string folder = EvalData.PathOf(Folder) ?? throw new InvalidOperationException($"Set AGENTKIT_TESTDATA to a folder with {Folder}.");
        if (python is null) Console.WriteLine("SACREBLEU_PYTHON is not set: sacreBLEU is not measured.\n");
        BenchReport.PrintHeader("metric", "segments", "sacreBLEU", "eval score", "sacreBLEU, s", "eval score, s", "times as fast (median of rounds)");
        string[] reference = EvalData.Lines($"{Folder}/reference.txt");
        foreach ((string name, TextMetric metric, string expression) in Metrics) Run(name, metric, expression, python, folder, reference);
        return Task.CompletedTask;
    }

    private static void Run(string name, TextMetric metric, string expression, string? python, string folder, string[] reference)
    {
        string[][] systems = [.. Systems.Select(system => EvalData.Lines($"{Folder}/{system}.txt"))];
        List<(double Theirs, double Ours)> rounds = [];
        (double theirScore, double ourScore) = (double.NaN, 0);
        for (int round = -1; round < Rounds; round++)
        {
            double theirs = double.NaN;
            if (python is not null) (theirScore, theirs) = Python(python, expression, folder);
            long started = Stopwatch.GetTimestamp();
            foreach (string[] system in systems) ourScore = ScoredCorpus.Of(metric, system, [reference]).Score;
            if (round >= 0) rounds.Add((theirs, Stopwatch.GetElapsedTime(started).TotalSeconds));
        }

        double ours = BenchReport.Median(rounds.Select(r => r.Ours));
        string ratio = python is null ? "" : $"{BenchReport.Median(rounds.Select(r => r.Theirs / r.Ours)):0.0}";
        BenchReport.PrintRow(
            name, $"{systems.Length} × {reference.Length:N0}", python is null ? "" : $"{theirScore:0.0000}", $"{ourScore:0.0000}",
            python is null ? "" : $"{BenchReport.Median(rounds.Select(r => r.Theirs)):0.000}", $"{ours:0.000}", ratio);
    }

    /// <summary>The last system's score, and the seconds that all of them took.</summary>
    private static (double Score, double Seconds) Python(string python, string expression, string folder)
    {
        string script =
            $$"""
            import sys, time
            from sacrebleu.metrics import BLEU, CHRF, TER
            read = lambda name: open(sys.argv[1] + '/' + name + '.txt', encoding='utf-8').read().rstrip('\n').split('\n')
            reference, systems = read('reference'), [read(name) for name in sys.argv[2:]]
            metric = {{expression}}
            start = time.perf_counter()
            for system in systems: score = metric.corpus_score(system, [reference]).score
            print(score, time.perf_counter() - start)
            """;
        using Process child = Process.Start(new ProcessStartInfo(python, ["-c", script, folder, .. Systems]) { RedirectStandardOutput = true })!;
        string[] cells = child.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        return child.ExitCode == 0 && cells.Length == 2
            ? (double.Parse(cells[0], CultureInfo.InvariantCulture), double.Parse(cells[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{python} ended with {child.ExitCode}; can it import sacrebleu?");
    }
}
