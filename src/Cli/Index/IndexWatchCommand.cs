using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index watch PATH…</c>: keeps a knowledge base up to date while files change, until it is stopped.</summary>
internal static class IndexWatchCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("watch", "Like 'index add', and again whenever something changes below the paths, until Ctrl-C.")
        {
            IndexAddCommand.Paths,
            KnowledgeName.Option,
            IndexAddCommand.Metadata,
            ChunkOptions.Tokens,
            ChunkOptions.Overlap,
            EmbedderChoice.Option,
            EnrichOption.Option,
        },
        "agentkit index watch docs --name handbook",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string name = context.Parse.GetValue(KnowledgeName.Option)!;
        string path = KnowledgeName.PathOf(context, name, KnowledgeName.Option.Name);
        string[] paths = context.Parse.GetValue(IndexAddCommand.Paths)!;
        Dictionary<string, string> metadata = IndexAddCommand.ReadMetadata(context);
        KnowledgeOptions options = EmbedderChoice.ForWriting(
            context, IndexAddCommand.ReadOptions(context), await EmbedderChoice.OfAsync(context, path), out LocalModel? model);
        using LocalModel? opened = model;
        options = EnrichOption.Apply(context, options, out LocalModel? enriching);
        using LocalModel? alsoOpened = enriching;
        context.Data.Ensure();
        using KnowledgeBase knowledge = KnowledgeBase.Open(path, options);
        var total = new IndexWatchJson(name, 0, 0, 0, 0, 0);
        try
        {
            using var changes = new FileChanges(paths, context.Time);
            bool isTold = false;
            while (true)
            {
                if (changes.Blindness is { } why && !isTold)
                {
                    context.Screen.Notice($"Changes are looked for every few seconds instead of being reported: {why}");
                    isTold = true;
                }

                IngestReport? report = await IngestAsync(context, knowledge, paths, metadata, isFirst: total.Rounds == 0);
                if (report is not null) total = total.Plus(report);
                await changes.WaitAsync(context.Stop);
            }
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            context.WriteJson(total);
            context.Screen.Notice("Stopped. What was read is indexed; the same command goes on from there.");
            return ExitCode.Cancelled;
        }
    }

    /// <returns><c>null</c> when another process was changing the knowledge base: the next round does it.</returns>
    private static async Task<IngestReport?> IngestAsync(
        CommandContext context, KnowledgeBase knowledge, string[] paths, Dictionary<string, string> metadata, bool isFirst)
    {
        long started = context.Time.GetTimestamp();
        try
        {
            using IngestProgressLine? progress = isFirst ? new IngestProgressLine(context) : null;
            // What is not there any more has nothing in it; the other paths go on.
            string[] gone = isFirst ? [] : [.. paths.Where(path => !Path.Exists(path))];
            int removed = 0;
            foreach (string path in gone) removed += await knowledge.RemoveAsync(KnowledgeName.Scope, path, context.Stop);
            IngestReport report = await knowledge.IngestAsync(KnowledgeName.Scope, paths.Except(gone), metadata, progress, context.Stop);
            report = report with { Removed = report.Removed + removed };
            bool changed = report.Added + report.Updated + report.Removed + report.Faults.Count + report.ChunksEnriched > 0;
            if (isFirst || changed) IndexAddCommand.Print(context, report, context.Time.GetElapsedTime(started).TotalSeconds);
            return report;
        }
        catch (UserInputException e) when (!isFirst)
        {
            // Gone for the moment, or changed by another process: what is there is looked at again.
            context.Screen.Notice(e.Message);
            return null;
        }
    }
}
