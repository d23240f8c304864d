using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Reading;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Vectors;

namespace AgentKit.Bench;

/// <summary>
/// Markdown into a knowledge base without vectors and as <c>index add</c> does it by default, then again with nothing changed; the first search
/// after that; and where the time goes. Processor time counts all threads: on a busy machine it says more than the clock.
/// </summary>
internal static class IngestBenchmark
{
    private const int Files = 10_000;
    private const int Words = 12_000;
    private const int Repetitions = 3;
    private const double Megabyte = 1e6;

    private static readonly MemoryScope Scope = MemoryScope.Local("bench");

    public static async Task RunAsync()
    {
        using var folder = new BenchFolder();
        long bytes = WriteTree(folder["tree"]);
        Console.WriteLine($"{Files} files of Markdown, {bytes / Megabyte:0.0} MB\n");
        BenchReport.PrintHeader("ingest", "MB/s", "processor ms/MB", "again unchanged, s", "first search, s");
        await MeasureAsync(folder, bytes, "without vectors", new KnowledgeOptions());
        await MeasureAsync(folder, bytes, "default: lexical vectors", new KnowledgeOptions { Embedder = new LexicalEmbedder() });
        Console.WriteLine();
        BenchReport.PrintHeader("one thread, one phase at a time", "MB/s");
        PrintPhases(folder["tree"], folder["phases.db"], bytes);
    }

    private static async Task MeasureAsync(BenchFolder folder, long bytes, string name, KnowledgeOptions options)
    {
        var (first, processor, again, search) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (int i = 0; i < Repetitions; i++)
        {
            using KnowledgeBase knowledge = KnowledgeBase.Open(folder[$"{name[0]}{i}.db"], options);
            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            first.Add(await SecondsAsync(() => knowledge.IngestAsync(Scope, [folder["tree"]])));
            processor.Add((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds);
            // The second ingest compares contents, because the files are seconds old; later ones trust time stamps.
            await knowledge.IngestAsync(Scope, [folder["tree"]]);
            again.Add(await SecondsAsync(() => knowledge.IngestAsync(Scope, [folder["tree"]])));
            search.Add(await SecondsAsync(() => knowledge.SearchAsync(Scope, "page 17")));
        }

        double megabytes = bytes / Megabyte;
        BenchReport.PrintRow(
            name, Format(megabytes / BenchReport.Median(first)), Format(BenchReport.Median(processor) / megabytes), Format(BenchReport.Median(again)),
            Format(BenchReport.Median(search)));
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        long started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>One thread, one phase at a time: what preparing and writing cost by themselves.</summary>
    private static void PrintPhases(string tree, string file, long bytes)
    {
        var preparation = new Preparation(new KnowledgeOptions(), "{}");
        FileSource[] sources = [.. FileList.Of([tree], CancellationToken.None).Files.Values];
        long started = Stopwatch.GetTimestamp();
        foreach (FileSource source in sources) DocumentReader.Read(source.Kind, source.ReadBytes(), source.Name);
        BenchReport.PrintRow("reading", Format(bytes / Megabyte / Stopwatch.GetElapsedTime(started).TotalSeconds));
        started = Stopwatch.GetTimestamp();
        PreparedDocument[] documents = [.. sources.Select(source => preparation.Prepare(source, null).Document!)];
        BenchReport.PrintRow("reading, cutting and analyzing", Format(bytes / Megabyte / Stopwatch.GetElapsedTime(started).TotalSeconds));
        started = Stopwatch.GetTimestamp();
        using (var writer = new KnowledgeWriter(file, Scope))
        {
            foreach (PreparedDocument document in documents) writer.Put(document, null, 0);
            writer.Commit();
        }

        BenchReport.PrintRow("writing", Format(bytes / Megabyte / Stopwatch.GetElapsedTime(started).TotalSeconds));
    }

    /// <summary>Pages of made-up words whose frequencies follow Zipf's law, with headings.</summary>
    private static long WriteTree(string tree)
    {
        var random = new Random(1);
        string[] words = [.. Enumerable.Range(0, Words).Select(_ => Word(random))];
        long bytes = 0;
        for (int i = 0; i < Files; i++)
        {
            var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"# Page {i}\n\n"));
            for (int section = 0; section < 3; section++)
            {
                page.Append("## ").Append(Pick(words, random)).Append("\n\n");
                for (int sentence = 0; sentence < 16; sentence++)
                {
                    page.Append("The");
                    for (int word = 0; word < 14; word++) page.Append(' ').Append(Pick(words, random));
                    page.Append(sentence % 8 == 7 ? ".\n\n" : ". ");
                }
            }

            string path = Path.Combine(tree, $"{i % 50:d2}", $"page{i}.md");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, page.ToString());
            bytes += page.Length;
        }

        return bytes;
    }

    private static string Word(Random random)
    {
        var word = new StringBuilder();
        for (int i = random.Next(1, 5); i > 0; i--) word.Append("bcdfghklmnprstv"[random.Next(15)]).Append("aeiou"[random.Next(5)]);
        return word.Append(random.Next(4) switch { 0 => "ing", 1 => "ed", 2 => "s", _ => "" }).ToString();
    }

    // A log-uniform rank: the frequency of rank r falls as 1/r.
    private static string Pick(string[] words, Random random) => words[(int)Math.Pow(words.Length, random.NextDouble()) - 1];

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
