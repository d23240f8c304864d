using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index search QUERY</c>: the chunks that fit a query best.</summary>
internal static class IndexSearchCommand
{
    private const int MostHits = 1000;

    private static readonly Argument<string> Query = new("QUERY") { Description = "Words, a question." };

    private static readonly Option<int> Count = new("-k") { Description = "Most hits.", HelpName = "n", DefaultValueFactory = _ => 5 };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("search", "Find what the documents say about something.") { Query, KnowledgeName.Option, Count },
        "agentkit index search \"how are runs resumed\" --name handbook -k 3",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string query = context.Parse.GetValue(Query)!;
        if (string.IsNullOrWhiteSpace(query)) throw new UserInputException("QUERY", "QUERY is empty; say what is looked for.");
        var options = new SearchOptions { Count = ChunkOptions.InRange(context, Count, 1, MostHits) };
        using KnowledgeBase knowledge = KnowledgeBase.Open(KnowledgeName.Existing(context));
        IReadOnlyList<Hit> hits = await knowledge.SearchAsync(KnowledgeName.Scope, query, options, context.Stop);
        context.WriteJson(new IndexSearchJson(query, "keyword", [.. hits.Select(Describe)]));
        foreach ((int i, Hit hit) in hits.Index()) Print(context, i + 1, hit);
        if (hits.Count == 0) context.Screen.Progress("[grey]Nothing found.[/]");
        return ExitCode.Done;
    }

    private static IndexSearchJson.Hit Describe(Hit hit) => new(
        hit.Id, hit.Source, hit.Title.Length > 0 ? hit.Title : null, hit.Page, hit.Heading.Length > 0 ? hit.Heading : null, hit.Start, hit.End,
        Math.Round(hit.Score, 6), hit.Text, hit.ChunkHash, hit.DocumentHash);

    private static void Print(CommandContext context, int number, Hit hit)
    {
        string page = hit.Page is { } at ? $", page {at}" : "";
        string heading = hit.Heading.Length > 0 ? $"  {hit.Heading}" : "";
        string score = hit.Score.ToString("0.000", CultureInfo.InvariantCulture);
        context.Screen.WriteLine($"{number}. {hit.Source}{page}{heading}  ({score})");
        context.Screen.WriteLine($"{hit.Text}\n");
    }
}
