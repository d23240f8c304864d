using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index add PATH…</c>: files and folders into a knowledge base.</summary>
internal static class IndexAddCommand
{
    /// <summary>What is read.</summary>
    public static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files, or folders with all below them. What was added before is brought up to date.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>What is noted with it.</summary>
    public static readonly Option<string[]> Metadata = new("--meta")
    {
        Description = "Something to note with each document.",
        HelpName = "key=value",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("add", "Read documents and make them findable: md, txt, html, docx, xlsx, pptx, pdf, csv, json, jsonl, source code.")
        {
            Paths,
            KnowledgeName.Option,
            Metadata,
            ChunkOptions.Tokens,
            ChunkOptions.Overlap,
            EmbedderChoice.Option,
            EnrichOption.Option,
        },
        "agentkit index add docs README.md --name handbook",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string name = context.Parse.GetValue(KnowledgeName.Option)!;
        string path = KnowledgeName.PathOf(context, name, KnowledgeName.Option.Name);
        Dictionary<string, string> metadata = ReadMetadata(context);
        KnowledgeOptions options = EmbedderChoice.ForWriting(
            context, ReadOptions(context), await EmbedderChoice.OfAsync(context, path), out LocalModel? model);
        using LocalModel? opened = model;
        options = EnrichOption.Apply(context, options, out LocalModel? enriching);
        using LocalModel? alsoOpened = enriching;
        context.Data.Ensure();
        using KnowledgeBase knowledge = KnowledgeBase.Open(path, options);
        long started = context.Time.GetTimestamp();
        IngestReport report;
        try
        {
            using var progress = new IngestProgressLine(context);
            report = await knowledge.IngestAsync(
                KnowledgeName.Scope, context.Parse.GetValue(Paths)!, metadata, progress, context.Stop);
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            context.Screen.Notice("Stopped. What was read is indexed; the same command goes on from there.");
            throw;
        }

        double seconds = context.Time.GetElapsedTime(started).TotalSeconds;
        context.WriteJson(new IndexAddJson(
            name, report.Added, report.Updated, report.Unchanged, report.Removed, report.Faults.Count, report.ChunksWritten, report.ChunksEnriched,
            report.BytesRead, Describe(report.Faults), Describe(report.NotEnriched), report.Skipped, Math.Round(seconds, 3), Describe(report.NotEmbedded)));
        Print(context, report, seconds);
        return report.Faults.Count + report.NotEnriched.Count + report.NotEmbedded.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>How documents are read.</summary>
    public static KnowledgeOptions ReadOptions(CommandContext context) =>
        new() { Chunking = ChunkOptions.Read(context), TimeProvider = context.Time };

    /// <summary>What <c>--meta</c> says.</summary>
    public static Dictionary<string, string> ReadMetadata(CommandContext context)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in context.Parse.GetValue(Metadata) ?? [])
        {
            int at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at < 1) throw new UserInputException(Metadata.Name, $"{Metadata.Name} is '{pair}'; key=value is expected.");
            metadata[pair[..at]] = pair[(at + 1)..];
        }

        return metadata;
    }

    private static IndexAddJson.Fault[] Describe(IReadOnlyList<IngestFault> faults) =>
        [.. faults.Select(fault => new IndexAddJson.Fault(fault.Source, fault.Message))];

    /// <summary>Says what an ingest has done.</summary>
    public static void Print(CommandContext context, IngestReport report, double seconds)
    {
        foreach (IngestFault fault in report.Faults) context.Screen.Notice($"not read: {fault.Source}: {fault.Message}");
        foreach (IngestFault fault in report.NotEmbedded) context.Screen.Notice($"without vectors, found by word only: {fault.Source}: {fault.Message}");
        foreach (IngestFault fault in report.NotEnriched) context.Screen.Notice($"not enriched: {fault.Source}: {fault.Message}");
        string rate = report is { BytesRead: > 0, ChunksEnriched: 0 }
            ? $", {Quantity.Bytes(report.BytesRead)} at {Quantity.Bytes((long)(report.BytesRead / Math.Max(seconds, 1e-3)))}/s"
            : "";
        context.Screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Added} added, {report.Updated} updated, {report.Unchanged} unchanged, {report.Removed} removed, {report.Faults.Count} not read{rate}"));
        if (report.ChunksEnriched > 0) context.Screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.ChunksEnriched} chunks enriched"));
        if (report.Skipped.Count > 0)
        {
            string kinds = string.Join(", ", report.Skipped.OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Value} {kind.Key}"));
            context.Screen.Progress($"[grey]not looked at, by the end of their names: {Markup.Escape(kinds)}[/]");
        }
    }
}
