using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Cli.Models;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Citations;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Models;

namespace AgentKit.Cli.Runs;

/// <summary>The knowledge base that a run may search.</summary>
internal sealed class RunKnowledge : IDisposable
{
    /// <summary>What the model is told about it.</summary>
    public const string Instructions =
        "Search the knowledge base before you answer. Write the number of the passage behind each sentence that rests on it, like [1], and keep to its words.";

    private const int TokensOfTheRest = 512;
    private const int LeastRoom = 400;

    private readonly KnowledgeBase _knowledge;
    private readonly LocalModel? _embedding;

    private RunKnowledge(KnowledgeBase knowledge, LocalModel? embedding, SearchKnowledgeTool tool) => (_knowledge, _embedding, Tool) = (knowledge, embedding, tool);

    /// <summary>The tool that searches it.</summary>
    public SearchKnowledgeTool Tool { get; }

    /// <summary>Opens a knowledge base.</summary>
    /// <param name="context">The command.</param>
    /// <param name="name">Its name.</param>
    /// <param name="passages">What the run was shown of it before.</param>
    /// <param name="model">The run's model: the passages of a search have to fit its context, and it makes vectors where it made those of the index.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">There is none of that name.</exception>
    public static async Task<RunKnowledge> OpenAsync(CommandContext context, string name, IEnumerable<Hit> passages, LocalModel model)
    {
        string path = KnowledgeName.Existing(context, name, "--knowledge");
        string embedder = await EmbedderChoice.OfAsync(context, path);
        KnowledgeOptions options = OptionsFor(context, name, embedder, model, out LocalModel? opened);
        KnowledgeBase knowledge = KnowledgeBase.Open(path, options);
        var search = new SearchOptions { Count = 3, Mode = options.Embedder is null ? SearchMode.Keyword : SearchMode.Hybrid };
        var tool = new SearchKnowledgeTool(knowledge, KnowledgeName.Scope, search, passages, Room(model.Settings.ContextLength));
        return new RunKnowledge(knowledge, opened, tool);
    }

    public void Dispose()
    {
        _knowledge.Dispose();
        _embedding?.Dispose();
    }

    /// <summary>The options with what made the index's vectors, if it is at hand.</summary>
    private static KnowledgeOptions OptionsFor(CommandContext context, string name, string embedder, LocalModel model, out LocalModel? opened)
    {
        opened = null;
        var options = new KnowledgeOptions { TimeProvider = context.Time };
        if (embedder.Length == 0) return options;
        if (!EmbedderChoice.IsModel(embedder)) return options with { Embedder = new LexicalEmbedder(), EmbedderName = LexicalEmbedder.Name };
        if (EmbedderChoice.Find(context, embedder, orByName: true) is not { } file)
        {
            context.Screen.Notice($"The vectors of '{name}' were made by {embedder}, which is not at hand: it is searched by keyword.");
            return options;
        }

        bool isOwn = file == ModelLocator.Resolve(context.Model, context.Data);
        if (!isOwn) opened = ModelOpener.Open(context, file, new LocalModelOptions());
        return EmbedderChoice.With(options, opened ?? model, embedder);
    }

    /// <summary>Tools, instructions and task take some hundred tokens, the answer a quarter of the context; a token has two characters or more.</summary>
    private static int Room(int contextLength) => Math.Max(contextLength - TokensOfTheRest, LeastRoom);
}
