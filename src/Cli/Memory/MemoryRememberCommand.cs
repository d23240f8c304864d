using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary><c>agentkit memory remember TEXT</c>: stores a fact.</summary>
internal static class MemoryRememberCommand
{
    private static readonly Argument<string> Text = new("TEXT") { Description = "One sentence." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("remember", "Store a fact, as the tool 'remember' does.") { Text, MemoryHost.Store },
        "agentkit memory remember \"The door code is 4711.\"",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using MemoryHost memory = await MemoryHost.OpenAsync(context);
        RememberedFact stored = await memory.Facts.RememberAsync(MemoryHost.Scope, context.Parse.GetValue(Text)!, cancellationToken: context.Stop);
        context.WriteJson(new MemoryRememberJson(
            stored.Fact is { } fact ? FactJson.Of(fact) : null, stored.IsNew, [.. stored.Superseded.Select(one => FactJson.Of(one))]));
        context.Screen.WriteLine(stored.IsNew ? $"stored {stored.Fact!.Id}" : $"known already {stored.Fact?.Id}");
        foreach (Fact one in stored.Superseded) context.Screen.WriteLine($"no longer holds: {one.Text}");
        return ExitCode.Done;
    }
}
