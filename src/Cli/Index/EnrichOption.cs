using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary>Which model says what chunks are about.</summary>
internal static class EnrichOption
{
    /// <summary>Tokens of the question itself, and of headings and signs around the document.</summary>
    private const int QuestionTokens = 128;

    private const int CharactersPerToken = 3;
    private const int LeastCharacters = 500;

    public static readonly Option<string?> Option = new("--enrich")
    {
        Description = "A chat model that reads each chunk within its document and writes a sentence or two about it, which is searched with the chunk. "
            + "One call for each new chunk: seconds each. When it is stopped the same command goes on.",
        HelpName = "path|name",
    };

    /// <summary>The options with the model that the command line asks for.</summary>
    /// <param name="context">The command.</param>
    /// <param name="options">The options so far.</param>
    /// <param name="model">The model that was opened for it, to be disposed by the caller.</param>
    public static KnowledgeOptions Apply(CommandContext context, KnowledgeOptions options, out LocalModel? model)
    {
        model = null;
        if (context.Parse.GetValue(Option) is not { } name) return options;
        string path = ModelLocator.Resolve(name, context.Data, Option.Name);
        LocalModel opened = model = ModelOpener.Open(context, path, null);
        var enrichment = new EnrichmentOptions(opened)
        {
            ModelName = ModelIdentity.Of(path),
            AtOnce = Math.Clamp(opened.Settings.Parallel, 1, 8),
        };
        // A chunk may take some more of the model's tokens than of those it was cut by. What does not fit after all is reported for its document.
        int tokens = opened.Settings.ContextLength - enrichment.MaxTokens - QuestionTokens - (options.Chunking.MaxTokens * 5 / 4);
        int room = tokens * CharactersPerToken;
        if (room < LeastCharacters)
        {
            throw new UserInputException(Option.Name, string.Create(
                CultureInfo.InvariantCulture,
                $"{Option.Name}: the context of {name} has {opened.Settings.ContextLength} tokens, too few for a chunk of {options.Chunking.MaxTokens} and what "
                + $"is around it: take another model, or smaller chunks with {ChunkOptions.Tokens.Name}."));
        }

        return options with { Enrichment = enrichment with { DocumentCharacters = Math.Min(enrichment.DocumentCharacters, room) } };
    }
}
