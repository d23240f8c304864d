using System.CommandLine;
using System.Globalization;
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

    public static readonly Option<string> Option = new("--embedder")
    {
        Description = "What makes vectors: the model of -m (model), the letters of the words (lexical), nothing (none: search by keyword only). "
            + "auto: the model when -m names one that was trained for it, else lexical.",
        HelpName = "auto|model|lexical|none",
        DefaultValueFactory = _ => "auto",
        CompletionSources = { "auto", "model", "lexical", "none" },
    };

    /// <summary>The options with the embedder that the command line asks for.</summary>
    /// <param name="context">The command.</param>
    /// <param name="options">The options so far.</param>
    /// <param name="model">The model that was opened for it, to be disposed by the caller.</param>
    public static KnowledgeOptions ForWriting(CommandContext context, KnowledgeOptions options, out LocalModel? model)
    {
        model = null;
        switch (context.Parse.GetValue(Option))
        {
            case "none":
                return options;
            case "lexical":
                return Lexical(options);
            case "model":
                return WithModel(context, options, out model);
            case "auto":
                return context.ModelIsGiven && IsTrained(context) ? WithModel(context, options, out model) : Lexical(options);
            case var other:
                throw new UserInputException(Option.Name, $"{Option.Name} is '{other}'; auto, model, lexical or none is allowed.");
        }
    }

    /// <summary>The options with the embedder that made an index's vectors.</summary>
    /// <inheritdoc cref="ForWriting"/>
    public static KnowledgeOptions ForReading(CommandContext context, string embedder, bool needsVectors, out LocalModel? model)
    {
        model = null;
        var options = new KnowledgeOptions();
        if (embedder.Length == 0 || !needsVectors) return options;
        return embedder == LexicalEmbedder.Name ? Lexical(options) : WithModel(context, options, out model);
    }

    private static KnowledgeOptions Lexical(KnowledgeOptions options) => options with { Embedder = new LexicalEmbedder(), EmbedderName = LexicalEmbedder.Name };

    private static KnowledgeOptions WithModel(CommandContext context, KnowledgeOptions options, out LocalModel model)
    {
        string path = ModelLocator.Resolve(context.Model, context.Data);
        LocalModel opened = model = ModelOpener.Open(context);
        string trained = IsTrained(context) ? "" : Untrained;
        string name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}/{new FileInfo(path).Length}{trained}");
        return options with
        {
            Embedder = opened,
            EmbedderName = name,
            TokenCounter = text => opened.Tokenizer.Encode(text.ToString()).Length,
            TokenCounterName = name,
        };
    }

    /// <summary>Whether the model's file says how it pools tokens: those that were trained to embed do.</summary>
    private static bool IsTrained(CommandContext context)
    {
        GgufFile file = GgufFile.Open(ModelLocator.Resolve(context.Model, context.Data));
        return file.FindInteger($"{file.FindString("general.architecture")}.pooling_type") is >= 1 and <= MostPooling;
    }
}
