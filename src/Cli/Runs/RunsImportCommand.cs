using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs import FILE</c>: takes an exported run into the journal.</summary>
internal static class RunsImportCommand
{
    private static readonly Argument<string> Source = new("FILE") { Description = "What 'runs export' wrote." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("import", "Take a run into the journal that 'runs export' wrote.") { Source }, "agentkit runs import run.json", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string path = context.Parse.GetValue(Source)!;
        if (!File.Exists(path)) throw new UserInputException("FILE", $"FILE: there is no file {path}.");
        IReadOnlyList<JournalRecord> records = RunFile.Read(path, await File.ReadAllTextAsync(path, context.Stop));
        string id = records[0].RunId;
        await using SqliteJournal journal = SqliteJournal.Open(context.Data.Ensure().Journal, context.Time);
        try
        {
            await journal.ImportAsync(records, context.Stop);
        }
        catch (JournalConflictException e)
        {
            throw new UserInputException("FILE", $"FILE: {context.Data.Journal} has a run {id} already.", e);
        }

        // The process that worked on it is not here: the run may be taken up.
        if (RunState.From(records.Select(record => record.Event)).Status is RunStatus.Running)
            await journal.AppendAsync(id, records.Count, [new AgentEvent.RunInterrupted()], context.Stop);
        RunView run = RunView.From(await RunLookup.FindAsync(context, journal, id));
        context.WriteJson(run.ToDocument());
        RunOutline.Show(context, run);
        return ExitCode.Done;
    }
}
