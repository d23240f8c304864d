using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary><c>agentkit memory list</c>: what is remembered.</summary>
internal static class MemoryListCommand
{
    private static readonly Option<bool> History = new("--history") { Description = "Also what held at other times." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("list", "Show what is remembered and holds now, the latest first.") { MemoryHost.AsOf, History, MemoryHost.Store },
        "agentkit memory list --history",
        RunAsync);

    /// <summary>One line for a fact: id, since when, until when, text.</summary>
    public static string Line(Fact fact)
    {
        string until = fact.ValidTo is { } to ? string.Create(CultureInfo.InvariantCulture, $" until {to:yyyy-MM-dd HH:mm}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{fact.Id}  {fact.ValidFrom:yyyy-MM-dd HH:mm}{until}  {fact.Text}");
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        DateTimeOffset? asOf = MemoryHost.ReadTime(context);
        await using MemoryHost memory = await MemoryHost.OpenAsync(context);
        IReadOnlyList<Fact> facts = await memory.Facts.ListAsync(MemoryHost.Scope, asOf, context.Parse.GetValue(History), context.Stop);
        context.WriteJson(new MemoryFactsJson([.. facts.Select(fact => FactJson.Of(fact))]));
        foreach (Fact fact in facts) context.Screen.WriteLine(Line(fact));
        if (facts.Count == 0) context.Screen.Progress("[grey]Nothing is remembered. To store a fact: agentkit memory remember TEXT[/]");
        return ExitCode.Done;
    }
}
