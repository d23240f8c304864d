using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary><c>agentkit memory recall QUERY</c>: the facts that fit.</summary>
internal static class MemoryRecallCommand
{
    private const int MostFacts = 100;

    private static readonly Argument<string> Query = new("QUERY") { Description = "Words, a question." };

    private static readonly Option<int> Count = new("-k") { Description = "Most facts.", HelpName = "n", DefaultValueFactory = _ => 5 };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("recall", "Find the facts that fit a query, as the tool 'recall' does.") { Query, Count, MemoryHost.AsOf, MemoryHost.Store },
        "agentkit memory recall \"door code\" --as-of 2026-03-01",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string query = context.Parse.GetValue(Query)!;
        if (string.IsNullOrWhiteSpace(query)) throw new UserInputException("QUERY", "QUERY is empty; say what is looked for.");
        int count = ChunkOptions.InRange(context, Count, 1, MostFacts);
        DateTimeOffset? asOf = MemoryHost.ReadTime(context);
        await using MemoryHost memory = await MemoryHost.OpenAsync(context);
        IReadOnlyList<RecalledFact> found = await memory.Facts.RecallAsync(MemoryHost.Scope, query, count, asOf, context.Stop);
        context.WriteJson(new MemoryFactsJson([.. found.Select(one => FactJson.Of(one.Fact, Math.Round(one.Score, 6)))]));
        foreach (RecalledFact one in found) context.Screen.WriteLine(MemoryListCommand.Line(one.Fact));
        if (found.Count == 0) context.Screen.Progress("[grey]No stored fact fits.[/]");
        return ExitCode.Done;
    }
}
