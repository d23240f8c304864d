using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Citations;
using AgentKit.Memory.Knowledge.Vectors;

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

    private RunKnowledge(KnowledgeBase knowledge, SearchKnowledgeTool tool) => (_knowledge, Tool) = (knowledge, tool);

    /// <summary>The tool that searches it.</summary>
    public SearchKnowledgeTool Tool { get; }

    /// <summary>Opens a knowledge base.</summary>
    /// <param name="context">The command.</param>
    /// <param name="name">Its name.</param>
    /// <param name="passages">What the run was shown of it before.</param>
    /// <param name="contextLength">Tokens of the model's context: the passages of a search have to fit it.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">There is none of that name.</exception>
    public static async Task<RunKnowledge> OpenAsync(CommandContext context, string name, IEnumerable<Hit> passages, int contextLength)
    {
        string path = KnowledgeName.Existing(context, name, "--knowledge");
        string embedder;
        using (KnowledgeBase look = KnowledgeBase.Open(path)) embedder = (await look.StatusAsync(KnowledgeName.Scope, context.Stop)).Embedder;
        bool isLexical = embedder == LexicalEmbedder.Name;
        if (embedder.Length > 0 && !isLexical)
            context.Screen.Notice($"The vectors of '{name}' were made by {embedder}, which is not the model of this run: it is searched by keyword.");
        var options = new KnowledgeOptions { Embedder = isLexical ? new LexicalEmbedder() : null, TimeProvider = context.Time };
        KnowledgeBase knowledge = KnowledgeBase.Open(path, options);
        var search = new SearchOptions { Count = 3, Mode = isLexical ? SearchMode.Hybrid : SearchMode.Keyword };
        return new RunKnowledge(knowledge, new SearchKnowledgeTool(knowledge, KnowledgeName.Scope, search, passages, Room(contextLength)));
    }

    public void Dispose() => _knowledge.Dispose();

    /// <summary>Tools, instructions and task take some hundred tokens, the answer a quarter of the context; a token has two characters or more.</summary>
    private static int Room(int contextLength) => Math.Max(contextLength - TokensOfTheRest, LeastRoom);
}
