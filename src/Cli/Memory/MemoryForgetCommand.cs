using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary><c>agentkit memory forget ID…</c>: forgets facts for good.</summary>
internal static class MemoryForgetCommand
{
    private static readonly Argument<string[]> Ids = new("ID")
    {
        Description = "The facts, as 'memory list' names them.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("forget", "Forget facts for good: their content is overwritten, a receipt is printed.") { Ids, MemoryHost.Store },
        "agentkit memory forget f3b0c44298fc1c149afbf4c8",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string[] ids = context.Parse.GetValue(Ids)!;
        await using MemoryHost memory = await MemoryHost.OpenAsync(context);
        var known = (await memory.Facts.ListAsync(MemoryHost.Scope, history: true, cancellationToken: context.Stop)).Select(fact => fact.Id).ToHashSet();
        if (ids.FirstOrDefault(id => !known.Contains(id)) is { } unknown)
            throw new UserInputException("ID", $"ID: there is no fact {unknown}; nothing was forgotten. 'agentkit memory list --history' shows them.");
        ForgetReceipt receipt = await memory.Facts.ForgetAsync(MemoryHost.Scope, ids, context.Stop);
        context.WriteJson(new MemoryForgetJson(receipt.Id, receipt.At, receipt.Store, receipt.Facts, receipt.Runs));
        context.Screen.WriteLine($"{receipt.Facts.Count} forgotten, receipt {receipt.Id}");
        if (receipt.Runs.Count > 0) context.Screen.Notice($"The journal still tells of it: agentkit runs show {string.Join(' ', receipt.Runs)}");
        return ExitCode.Done;
    }
}
