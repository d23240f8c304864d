using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Evaluation;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index eval DIR</c>: how well search finds what people judged relevant.</summary>
internal static class IndexEvalCommand
{
    private const int Depth = 100;

    private static readonly Argument<string> Folder = new("DIR")
    {
        Description = "A test collection in BEIR's shape: corpus.jsonl, queries.jsonl, and qrels.tsv or qrels/test.tsv.",
    };

    private static readonly Option<double?> DenseWeight = new("--dense-weight")
    {
        Description = "Weight of the ranks by vector in hybrid search; those by keyword have 1. [default: 1, for lexical vectors 0.2]",
        HelpName = "x",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("eval", "Measure search on a test collection; nothing is kept.") 
        {
            Folder,
            ModeOption.Option,
            EmbedderChoice.Option,
            DenseWeight,
            ChunkOptions.Tokens,
            ChunkOptions.Overlap,
        },
        "agentkit index eval cranfield --json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string folder = context.Parse.GetValue(Folder)!;
        if (!Directory.Exists(folder)) throw new UserInputException("DIR", $"DIR: there is no folder {folder}.");
        var options = new KnowledgeOptions { Chunking = ChunkOptions.Read(context), TimeProvider = context.Time };
        SearchMode mode = ModeOption.Read(context) ?? SearchMode.Keyword;
        if (context.Parse.GetValue(DenseWeight) is < 0)
            throw new UserInputException(DenseWeight.Name, $"{DenseWeight.Name} is less than 0; 0 or more is allowed.");
        BeirCollection collection = BeirCollection.Load(folder);
        LocalModel? model = null;
        if (mode is not SearchMode.Keyword) options = EmbedderChoice.ForWriting(context, options, current: "", out model);
        using LocalModel? opened = model;
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("agentkit-eval-");
        try
        {
            IndexEvalJson result = await MeasureAsync(context, collection, options, mode, Path.Combine(scratch.FullName, "index.db"));
            context.WriteJson(result);
            context.Screen.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"nDCG@10 {result.Ndcg10:0.0000}  recall@100 {result.Recall100:0.0000}  MRR@10 {result.Mrr10:0.0000}  ({result.Queries} queries)"));
            return ExitCode.Done;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static async Task<IndexEvalJson> MeasureAsync(CommandContext context, BeirCollection collection, KnowledgeOptions options, SearchMode mode, string file)
    {
        long started = context.Time.GetTimestamp();
        using KnowledgeBase knowledge = KnowledgeBase.Open(file, options);
        await knowledge.IngestAsync(KnowledgeName.Scope, collection.Documents, cancellationToken: context.Stop);
        var rankings = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var search = new SearchOptions
        {
            Count = Depth, OnePerDocument = true, Mode = mode, DenseWeight = context.Parse.GetValue(DenseWeight),
        };
        long searching = context.Time.GetTimestamp();
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "queries"))
        {
            foreach ((string id, string query) in collection.Queries)
            {
                IReadOnlyList<Hit> hits = await knowledge.SearchAsync(KnowledgeName.Scope, query, search, context.Stop);
                rankings[id] = [.. hits.Select(hit => hit.Source)];
                line.Report("searching", rankings.Count, collection.Queries.Count);
            }
        }

        double seconds = context.Time.GetElapsedTime(searching).TotalSeconds;
        RetrievalScores scores = RetrievalScores.Of(rankings, collection.Judgements);
        KnowledgeStatus status = await knowledge.StatusAsync(KnowledgeName.Scope, context.Stop);
        return new IndexEvalJson(
            ModeOption.Name(mode), scores.Ndcg10, scores.Recall100, scores.Mrr10, scores.Queries, status.Documents, status.Chunks, options.Chunking.MaxTokens,
            Math.Round(rankings.Count / seconds, 1), Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3));
    }
}
