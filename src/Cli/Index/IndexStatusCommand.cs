using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Vectors;
using Spectre.Console;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index status</c>: what the knowledge bases hold.</summary>
internal static class IndexStatusCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("status", "Show what is indexed: all knowledge bases, or the one named.") { KnowledgeName.Option },
        "agentkit index status --name handbook",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        bool one = context.Parse.GetResult(KnowledgeName.Option) is { Implicit: false };
        string[] names = one ? [context.Parse.GetValue(KnowledgeName.Option)!] : KnowledgeName.All(context.Data);
        var found = new List<IndexStatusJson.Knowledge>();
        foreach (string name in names)
        {
            string path = KnowledgeName.Existing(context, name, KnowledgeName.Option.Name);
            using KnowledgeBase knowledge = KnowledgeBase.Open(path);
            KnowledgeStatus status = await knowledge.StatusAsync(KnowledgeName.Scope, context.Stop);
            found.Add(new(name, path, status.Documents, status.Chunks, status.Bytes, status.FileBytes, status.Kinds, status.LastRead,
                status.Embedder.Length > 0 ? status.Embedder : "none", status.Vectors, status.Contexts));
        }

        context.WriteJson(new IndexStatusJson(found));
        if (found.Count == 0) context.Screen.Progress("[grey]There is no knowledge base. To make one: agentkit index add PATH[/]");
        else Print(context, found);
        return ExitCode.Done;
    }

    private static void Print(CommandContext context, List<IndexStatusJson.Knowledge> found)
    {
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumn("name").AddColumn("documents").AddColumn("chunks").AddColumn("of").AddColumn("on disk").AddColumn("kinds").AddColumn("last read (UTC)")
            .AddColumn("vectors").AddColumn("enriched");
        foreach (IndexStatusJson.Knowledge knowledge in found)
        {
            table.AddRow(
                Markup.Escape(knowledge.Name), $"{knowledge.Documents}", $"{knowledge.Chunks}", Quantity.Bytes(knowledge.Bytes), Quantity.Bytes(knowledge.FileBytes),
                string.Join(", ", knowledge.Kinds.Select(kind => $"{kind.Value} {kind.Key}")),
                knowledge.LastRead?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "",
                Markup.Escape(knowledge.Embedder == "none" ? "none: search by keyword" : $"{knowledge.Vectors} by {knowledge.Embedder}"),
                $"{knowledge.Contexts}");
        }

        context.Screen.Show(table);
        if (found.Any(knowledge => knowledge.Embedder.EndsWith(EmbedderChoice.Untrained, StringComparison.Ordinal)))
        {
            context.Screen.Progress(
                "[grey]untrained: vectors of a model without a trained embedding head, which need not know meaning. Measure them with 'index eval' before use.[/]");
        }

        if (found.Any(knowledge => knowledge.Embedder == LexicalEmbedder.Name))
        {
            context.Screen.Progress(
                $"[grey]{LexicalEmbedder.Name}: vectors of letters, which know no meaning. For others add with -m and a model that was trained to embed.[/]");
        }
    }
}
