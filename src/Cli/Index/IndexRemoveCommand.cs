using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge;

namespace AgentKit.Cli.Index;

/// <summary><c>agentkit index remove PATH…</c>: documents out of a knowledge base.</summary>
internal static class IndexRemoveCommand
{
    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files or folders, which need not exist any more. The files themselves stay.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("remove", "Take documents out of a knowledge base.") { Paths, KnowledgeName.Option },
        "agentkit index remove docs/old --name handbook",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        using KnowledgeBase knowledge = KnowledgeBase.Open(KnowledgeName.Existing(context));
        string name = context.Parse.GetValue(KnowledgeName.Option)!;
        int removed = 0;
        foreach (string path in context.Parse.GetValue(Paths)!)
        {
            if (string.IsNullOrWhiteSpace(path)) throw new UserInputException("PATH", "PATH is empty; a file or folder is expected.");
            int count = await knowledge.RemoveAsync(KnowledgeName.Scope, path, context.Stop);
            if (count == 0) throw new UserInputException("PATH", $"PATH: nothing in '{name}' comes from {path}.");
            removed += count;
        }

        context.WriteJson(new IndexRemoveJson(name, removed));
        context.Screen.WriteLine($"{removed} document{(removed == 1 ? "" : "s")} removed");
        return ExitCode.Done;
    }
}
