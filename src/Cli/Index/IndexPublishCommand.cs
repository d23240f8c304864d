using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Shared;
using AgentKit.Memory.Stores;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index publish</c>: a knowledge base into a store that others search.</summary>
internal static class IndexPublishCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("publish", "Bring a knowledge base into a store, for other machines to search; again: what changed.")
        {
            KnowledgeName.Option,
            StoreOption.Needed,
        },
        "agentkit index publish --name handbook --store postgres://me@db.example/agentkit",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string path = KnowledgeName.Existing(context);
        string name = context.Parse.GetValue(KnowledgeName.Option)!;
        await using VectorStore store = StoreOption.Open(context.Parse.GetValue(StoreOption.Needed)!);
        KnowledgeStatus status;
        using (KnowledgeBase knowledge = KnowledgeBase.Open(path)) status = await knowledge.StatusAsync(KnowledgeName.Scope, context.Stop);
        KnowledgeOptions options = EmbedderChoice.ForReading(context, status.Embedder, needsVectors: true, out LocalModel? model);
        using LocalModel? opened = model;
        SharedKnowledge shared = await SharedKnowledge.OpenAsync(store, options, context.Stop);
        PublishReport report;
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "chunks"))
        {
            report = await shared.PublishAsync(
                MemoryScope.Local(name), path, KnowledgeName.Scope, new Watched(chunks => line.Report("publishing", chunks, status.Chunks)), context.Stop);
        }

        context.WriteJson(new IndexPublishJson(name, store.SystemName, report.Chunks, report.Sent, report.Removed));
        context.Screen.WriteLine($"{report.Chunks} chunks, {report.Sent} sent, {report.Removed} removed");
        return ExitCode.Done;
    }

    private sealed class Watched(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
