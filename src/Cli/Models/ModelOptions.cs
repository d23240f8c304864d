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

    public static Option<string> Kv { get; } = new("--kv")
    {
        Description = "How keys and values are stored: q8_0 holds twice the context of f16 in the same memory, q4_0 more than three times, less exactly.",
        HelpName = "f16|q8_0|q4_0",
        DefaultValueFactory = _ => "f16",
        CompletionSources = { "f16", "q8_0", "q4_0" },
    };

    /// <exception cref="UserInputException">A number is out of range, or there is no such KV type.</exception>
    public static LocalModelOptions Read(CommandContext context)
    {
        int? length = context.Parse.GetValue(Context), threads = context.Parse.GetValue(Threads);
        if (length < 1) throw new UserInputException(Context.Name, $"{Context.Name} is {length}; 1 or more is allowed.");
        if (threads is < 1 or > MostThreads)
            throw new UserInputException(Threads.Name, $"{Threads.Name} is {threads}; 1 to {MostThreads} is allowed.");
        string kv = context.Parse.GetValue(Kv) ?? "f16";
        if (kv.Length == 0 || !char.IsLetter(kv[0]) || !Enum.TryParse(kv, ignoreCase: true, out KvType type))
            throw new UserInputException(Kv.Name, $"{Kv.Name} is '{kv}'; f16, q8_0 and q4_0 are allowed.");
        return new() { ContextLength = length, Threads = threads, KvType = type };
    }
}
