using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs fork ID --at N</c>: a new run that begins as another did and goes on, perhaps with another model.</summary>
internal static class RunsForkCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    private static readonly Option<int> At = new("--at")
    {
        Description = "The last step to keep; 0 keeps the task only.",
        HelpName = "n",
        Required = true,
    };

    private static readonly Option<bool> Later = new("--later")
    {
        Description = "Only make the new run; 'agentkit runs resume' goes on with it.",
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("fork", "Make a new run that begins as another did, and go on with it; -m gives it another model.") { Id, At, Later },
        "agentkit runs fork 20261105-142530-k3f9x2 --at 2 -m larger.gguf",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!);
        var start = (AgentEvent.RunStarted)records[0].Event;
        RunSettings settings = RunSettings.From(context, records[0].RunId, start);
        string model = Path.GetFileNameWithoutExtension(ModelLocator.Resolve(settings.Model, context.Data));
        int at = context.Parse.GetValue(At);
        string id = new RunIdSource(context.Time).Next();
        await journal.AppendAsync(id, 0, RunFork.Events(records, at, model, settings.ToDictionary()), context.Stop);
        context.Screen.Progress(
            $"[grey]forked {Markup.Escape(records[0].RunId)} after step {at}. Not restored: what those steps changed in files or over the network "
            + "stays as it is now.[/]");
        return await RunsRejectCommand.GoOnAsync(context, journal, id, context.Parse.GetValue(Later));
    }
}
