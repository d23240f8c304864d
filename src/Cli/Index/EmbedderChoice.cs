using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Cli.Index;

/// <summary>What makes the vectors of an index.</summary>
internal static class EmbedderChoice
{
    /// <summary>Ends the name of a model that was not trained to embed.</summary>
    public const string Untrained = "/untrained";

    private const int MostPooling = 3;
    private const int LeastTokens = 64;

    public static readonly Option<string> Option = new("--embedder")
    {
        Description = "What makes vectors: the model of -m (model), the letters of the words (lexical), nothing (none: search by keyword only). "
            + "auto: the model that made those that are there; else that of -m when it was trained for it, else lexical. Vectors of another one go.",
        HelpName = "auto|model|lexical|none",
        DefaultValueFactory = _ => "auto",
        CompletionSources = { "auto", "model", "lexical", "none" },
    };

    /// <summary>The options with the embedder that the command line asks for.</summary>
    /// <param name="context">The command.</param>
    /// <param name="options">The options so far.</param>
    /// <param name="current">What made the vectors that the index has; empty when it has none.</param>
    /// <param name="model">The model that was opened for it, to be disposed by the caller.</param>
    /// <exception cref="UserInputException">The index has vectors of a model that is not at hand, and nothing is said about them.</exception>
    public static KnowledgeOptions ForWriting(CommandContext context, KnowledgeOptions options, string current, out LocalModel? model)
    {
        model = null;
        switch (context.Parse.GetValue(Option))
        {
            case "none":
                return options with { EmbedderName = "" };
            case "lexical":
                return Lexical(options);
            case "model":
                return WithModel(context, options, PathOf(context), null, out model);
            case "auto" when IsModel(current):
                string path = Find(context, current, orByName: !context.ModelIsGiven)
                    ?? throw Missing(current, $"Or say what is to make all vectors anew: {Option.Name} model, lexical or none.");
                return WithModel(context, options, path, current, out model);
            case "auto":
                return context.ModelIsGiven && IsTrained(PathOf(context)) ? WithModel(context, options, PathOf(context), null, out model) : Lexical(options);
            case var other:
                throw new UserInputException(Option.Name, $"{Option.Name} is '{other}'; auto, model, lexical or none is allowed.");
        }
    }

    /// <summary>The options with the embedder that made an index's vectors.</summary>
    /// <param name="context">The command.</param>
    /// <param name="current">What made the vectors that the index has; empty when it has none.</param>
    /// <param name="needsVectors">Whether they are wanted.</param>
    /// <param name="model">The model that was opened for it, to be disposed by the caller.</param>
    /// <exception cref="UserInputException">It is a model that is not at hand.</exception>
    public static KnowledgeOptions ForReading(CommandContext context, string current, bool needsVectors, out LocalModel? model)
    {
        model = null;
        var options = new KnowledgeOptions();
        if (current.Length == 0 || !needsVectors) return options;
        if (!IsModel(current)) return Lexical(options);
        string path = Find(context, current, orByName: !context.ModelIsGiven) ?? throw Missing(current, $"A search by word, {ModeOption.Option.Name} keyword, needs none.");
        return WithModel(context, options, path, current, out model);
    }

    /// <summary>What made the vectors of an index; empty when there is no such file, or no vectors.</summary>
    public static async Task<string> OfAsync(CommandContext context, string path)
    {
        if (!File.Exists(path)) return "";
        using KnowledgeBase knowledge = KnowledgeBase.Open(path);
        return await knowledge.EmbedderAsync(KnowledgeName.Scope, context.Stop);
    }

    /// <summary>Whether it is a model that made vectors.</summary>
    public static bool IsModel(string embedder) => embedder.Length > 0 && embedder != LexicalEmbedder.Name;

    /// <summary>The file of the model that made an index's vectors.</summary>
    /// <param name="context">The command, whose model is looked at first.</param>
    /// <param name="embedder">What the index calls it.</param>
    /// <param name="orByName">Whether the models of the data directory are looked at too: those of its name.</param>
    /// <returns><c>null</c> when it is not there.</returns>
    public static string? Find(CommandContext context, string embedder, bool orByName)
    {
        string identity = embedder.EndsWith(Untrained, StringComparison.Ordinal) ? embedder[..^Untrained.Length] : embedder;
        IEnumerable<string> named =
            from listed in orByName ? ModelLocator.List(context.Data) : []
            where identity.StartsWith($"{Path.GetFileNameWithoutExtension(listed.Path)}/", StringComparison.Ordinal)
            select listed.Path;
        return named.Prepend(PathOf(context)).Where(File.Exists).FirstOrDefault(path => ModelIdentity.Is(path, identity));
    }

    /// <summary>The options with a model's vectors.</summary>
    /// <param name="options">The options so far.</param>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="embedder">What the index calls it.</param>
    public static KnowledgeOptions With(KnowledgeOptions options, LocalModel model, string embedder) => options with
    {
        Embedder = model,
        EmbedderName = embedder,
        EmbedderTokens = model.Info.ContextLength is >= LeastTokens and <= int.MaxValue and var most ? (int)most : null,
        TokenCounter = text => model.Tokenizer.Encode(text.ToString()).Length,
        TokenCounterName = embedder,
    };

    private static KnowledgeOptions Lexical(KnowledgeOptions options) => options with { Embedder = new LexicalEmbedder(), EmbedderName = LexicalEmbedder.Name };

    private static KnowledgeOptions WithModel(CommandContext context, KnowledgeOptions options, string path, string? name, out LocalModel model)
    {
        model = ModelOpener.Open(context, path, null);
        return With(options, model, name ?? ModelIdentity.Of(path) + (IsTrained(path) ? "" : Untrained));
    }

    private static string PathOf(CommandContext context) => ModelLocator.Resolve(context.Model, context.Data);

    private static UserInputException Missing(string embedder, string otherwise) => new(
        "--model", $"--model: the vectors of this knowledge base were made by '{embedder}', and no model at hand is it. Give its file with -m. {otherwise}");

    /// <summary>Whether the model's file says how it pools tokens: those that were trained to embed do.</summary>
    private static bool IsTrained(string path)
    {
        GgufFile file = GgufFile.Open(path);
        return file.FindInteger($"{file.FindString("general.architecture")}.pooling_type") is >= 1 and <= MostPooling;
    }
}
