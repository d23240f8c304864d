using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Cli.Models;

/// <summary>How a model is opened: the options of all commands that run one.</summary>
internal static class ModelOptions
{
    private const int MostThreads = 512;

    public static Option<int?> Context { get; } = new("--ctx")
    {
        Description = "Tokens of one conversation. [default: the model's, at most 16384, less if memory is short]",
        HelpName = "n",
    };

    public static Option<int?> Threads { get; } = new("--threads")
    {
        Description = "Threads that compute. [default: the free CPUs; more threads than those make it many times slower]",
        HelpName = "n",
    };

    /// <exception cref="UserInputException">A number is out of range.</exception>
    public static LocalModelOptions Read(CommandContext context)
    {
        int? length = context.Parse.GetValue(Context), threads = context.Parse.GetValue(Threads);
        if (length < 1) throw new UserInputException(Context.Name, $"{Context.Name} is {length}; 1 or more is allowed.");
        if (threads is < 1 or > MostThreads)
            throw new UserInputException(Threads.Name, $"{Threads.Name} is {threads}; 1 to {MostThreads} is allowed.");
        return new() { ContextLength = length, Threads = threads };
    }
}
