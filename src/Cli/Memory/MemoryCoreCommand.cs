using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary><c>agentkit memory core</c>: the texts that are in every prompt.</summary>
internal static class MemoryCoreCommand
{
    private static readonly Argument<string?> Name = new("NAME") { Description = "A block, to write it.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Argument<string?> Text = new("TEXT")
    {
        Description = "What it is to say; empty removes it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("core", "Show core memory, which is in every prompt of 'run --memory', or write a block of it.") { Name, Text, MemoryHost.Store },
        "agentkit memory core user \"Ann, who prefers short answers\"",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string? name = context.Parse.GetValue(Name);
        string? text = context.Parse.GetValue(Text);
        await using MemoryHost memory = await MemoryHost.OpenAsync(context);
        if (name is not null && text is not null) await memory.Facts.SetCoreAsync(MemoryHost.Scope, name, text, context.Stop);
        IEnumerable<CoreBlock> blocks = await memory.Facts.CoreAsync(MemoryHost.Scope, context.Stop);
        if (name is not null) blocks = blocks.Where(block => block.Name == name);
        context.WriteJson(new MemoryCoreJson([.. blocks.Select(block => new MemoryCoreJson.Block(block.Name, block.Text))]));
        foreach (CoreBlock block in blocks) context.Screen.WriteLine($"{block.Name}: {block.Text}");
        return ExitCode.Done;
    }
}
