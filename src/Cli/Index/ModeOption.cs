using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;

namespace AgentKit.Cli.Index;

/// <summary>What a search compares.</summary>
internal static class ModeOption
{
    public static readonly Option<string?> Option = new("--mode")
    {
        Description = "Words (keyword), vectors (dense) or both (hybrid). [default: hybrid where the index has vectors, else keyword]",
        HelpName = "hybrid|dense|keyword",
        CompletionSources = { "hybrid", "dense", "keyword" },
    };

    /// <returns><c>null</c> when none is given.</returns>
    public static SearchMode? Read(CommandContext context) => context.Parse.GetValue(Option) switch
    {
        null => null,
        "hybrid" => SearchMode.Hybrid,
        "dense" => SearchMode.Dense,
        "keyword" => SearchMode.Keyword,
        var other => throw new UserInputException(Option.Name, $"{Option.Name} is '{other}'; hybrid, dense or keyword is allowed."),
    };

    public static string Name(SearchMode mode) => mode.ToString().ToLowerInvariant();
}
