using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Chunking;

namespace AgentKit.Cli.Index;

/// <summary>How documents are cut.</summary>
internal static class ChunkOptions
{
    private const int LeastTokens = 32;
    private const int MostTokens = 8192;
    private const int MostOverlap = 1024;

    public static readonly Option<int> Tokens = new("--chunk-tokens")
    {
        Description = "Most tokens of a chunk.",
        HelpName = "n",
        DefaultValueFactory = _ => new ChunkingOptions().MaxTokens,
    };

    public static readonly Option<int> Overlap = new("--overlap")
    {
        Description = "Tokens of whole sentences that a chunk repeats from the one before it.",
        HelpName = "n",
        DefaultValueFactory = _ => new ChunkingOptions().OverlapTokens,
    };

    public static ChunkingOptions Read(CommandContext context) => new()
    {
        MaxTokens = InRange(context, Tokens, LeastTokens, MostTokens),
        OverlapTokens = InRange(context, Overlap, 0, MostOverlap),
    };

    public static int InRange(CommandContext context, Option<int> option, int least, int most)
    {
        int value = context.Parse.GetValue(option);
        return value >= least && value <= most ? value
            : throw new UserInputException(option.Name, $"{option.Name} is {value}; {least} to {most} is allowed.");
    }
}
