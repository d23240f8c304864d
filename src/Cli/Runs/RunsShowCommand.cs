using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs show ID</c>: what happened in a run, read from the journal.</summary>
internal static class RunsShowCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("show", "Show what happened in a run, also when its process was killed.") { Id },
        "agentkit runs show 20261105-142530-k3f9x2",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        RunView run = RunView.From(await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!));
        context.WriteJson(run.ToDocument());
        RunOutline.Show(context, run);
        return ExitCode.Done;
    }
}
