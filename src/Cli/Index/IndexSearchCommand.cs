using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Shared;
using AgentKit.Memory.Stores;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index search QUERY</c>: the chunks that fit a query best.</summary>
internal static class IndexSearchCommand
{
    private const int MostHits = 1000;
    private const int MostExpanded = 1_000_000;

    private static readonly Argument<string> Query = new("QUERY") { Description = "Words, a question." };

    private static readonly Option<int> Count = new("-k") { Description = "Most hits.", HelpName = "n", DefaultValueFactory = _ => 5 };

    private static readonly Option<string[]> Where = new("--where")
    {
        Description = "Only documents noted with this by 'index add --meta', or with this source, kind or title. Several: all of them.",
        HelpName = "key=value",
    };

    private static readonly Option<string?> Rerank = new("--rerank")
    {
        Description = "A model that orders the best hits anew: a ranking model (cross-encoder) by its scores, any other by how likely it finds "
            + "the query behind each passage.",
        HelpName = "path|name",
    };

    private static readonly Option<int> RerankCount = new("--rerank-count")
    {
        Description = "How many of the best hits --rerank looks at.",
        HelpName = "n",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<int> Expand = new("--expand")
    {
        Description = "Lengthen each hit by the chunks around it in its section, up to so many characters.",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("search", "Find what the documents say about something.")
        {
            Query, KnowledgeName.Option, Count, ModeOption.Option, Where, Rerank, RerankCount, Expand, StoreOption.Instead, EmbedderChoice.Option,
        },
        "agentkit index search \"how are runs resumed\" --name handbook -k 3",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string query = context.Parse.GetValue(Query)!;
        if (string.IsNullOrWhiteSpace(query)) throw new UserInputException("QUERY", "QUERY is empty; say what is looked for.");
        using LocalModel? ranking = context.Parse.GetValue(Rerank) is { } name
            ? ModelOpener.Open(context, ModelLocator.Resolve(name, context.Data, Rerank.Name), null) : null;
        var options = new SearchOptions
        {
            Count = ChunkOptions.InRange(context, Count, 1, MostHits),
            Filter = ReadFilter(context.Parse.GetValue(Where) ?? []),
            Reranker = ranking is null ? null : new ModelReranker(ranking),
            RerankCount = ChunkOptions.InRange(context, RerankCount, 1, MostHits),
            ExpandTo = ChunkOptions.InRange(context, Expand, 0, MostExpanded),
        };
        if (context.Parse.GetValue(StoreOption.Instead) is { } address) return await SearchStoreAsync(context, address, query, options);
        string path = KnowledgeName.Existing(context);
        string embedder = await EmbedderChoice.OfAsync(context, path);
        SearchMode mode = ModeOption.Read(context) ?? (embedder.Length > 0 ? SearchMode.Hybrid : SearchMode.Keyword);
        KnowledgeOptions reading = EmbedderChoice.ForReading(context, embedder, mode is not SearchMode.Keyword, out LocalModel? model);
        using LocalModel? opened = model;
        using KnowledgeBase knowledge = KnowledgeBase.Open(path, reading);
        IReadOnlyList<Hit> hits = await knowledge.SearchAsync(KnowledgeName.Scope, query, options with { Mode = mode }, context.Stop);
        return Show(context, query, mode, hits);
    }

    private static int Show(CommandContext context, string query, SearchMode mode, IReadOnlyList<Hit> hits)
    {
        context.WriteJson(new IndexSearchJson(query, ModeOption.Name(mode), [.. hits.Select(Describe)]));
        foreach ((int i, Hit hit) in hits.Index()) Print(context, i + 1, hit);
        if (hits.Count == 0) context.Screen.Progress("[grey]Nothing found.[/]");
        return ExitCode.Done;
    }

    private static async Task<int> SearchStoreAsync(CommandContext context, string address, string query, SearchOptions options)
    {
        KnowledgeOptions reading = EmbedderChoice.ForWriting(context, new KnowledgeOptions(), current: "", out LocalModel? model);
        using LocalModel? opened = model;
        SearchMode mode = ModeOption.Read(context) ?? (reading.Embedder is null ? SearchMode.Keyword : SearchMode.Hybrid);
        await using VectorStore store = StoreOption.Open(address);
        SharedKnowledge shared = await SharedKnowledge.OpenAsync(store, reading, context.Stop);
        MemoryScope scope = MemoryScope.Local(context.Parse.GetValue(KnowledgeName.Option)!);
        return Show(context, query, mode, await shared.SearchAsync(scope, query, options with { Mode = mode }, context.Stop));
    }

    private static MetadataFilter? ReadFilter(string[] pairs) => pairs.Length == 0 ? null : new MetadataFilter.And(
    [
        .. from pair in pairs
           let at = pair.IndexOf('=', StringComparison.Ordinal)
           select at > 0 ? MetadataFilter.Is(pair[..at], pair[(at + 1)..])
               : throw new UserInputException(Where.Name, $"{Where.Name} is '{pair}'; key=value is expected."),
    ]);

    private static IndexSearchJson.Hit Describe(Hit hit) => new(
        hit.Id, hit.Source, hit.Title.Length > 0 ? hit.Title : null, hit.Page, hit.Heading.Length > 0 ? hit.Heading : null, hit.Start, hit.End,
        Math.Round(hit.Score, 6), hit.Text, hit.Context, hit.ChunkHash, hit.DocumentHash);

    private static void Print(CommandContext context, int number, Hit hit)
    {
        string page = hit.Page is { } at ? $", page {at}" : "";
        string heading = hit.Heading.Length > 0 ? $"  {hit.Heading}" : "";
        string score = hit.Score.ToString("0.000", CultureInfo.InvariantCulture);
        context.Screen.WriteLine($"{number}. {hit.Source}{page}{heading}  ({score})");
        if (hit.Context is { } about) context.Screen.WriteLine($"[a model says: {about}]");
        context.Screen.WriteLine($"{hit.Text}\n");
    }
}
