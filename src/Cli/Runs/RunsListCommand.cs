using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs list</c>: the journal's runs, newest first.</summary>
internal static class RunsListCommand
{
    public static Command Create(CommandHost host) => host.Handle(
        new Command("list", "List runs, newest first."), "agentkit runs list --json", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        List<RunSummary> runs = [];
        int deadLetters = 0;
        if (File.Exists(context.Data.Journal))
        {
            await using SqliteJournal journal = SqliteJournal.Open(context.Data.Journal);
            runs = await journal.ListAsync(cancellationToken: context.Stop).ToListAsync(context.Stop);
            deadLetters = await SqliteDeadLetters.CountAsync(context.Data.Journal, context.Stop);
        }

        context.WriteJson(RunsListJson.From(runs, deadLetters));
        context.Screen.Show(Table(runs));
        if (deadLetters > 0) context.Screen.ShowLine($"{deadLetters} dead letter{(deadLetters == 1 ? "" : "s")}: agentkit runs dead-letters");
        return ExitCode.Done;
    }

    private static Table Table(List<RunSummary> runs)
    {
        var table = new Table { Border = TableBorder.Minimal };
        table.AddColumns("run", "status", "started (UTC)", "steps", "agent", "task");
        foreach (RunSummary run in runs)
        {
            string started = run.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            string steps = run.Steps.ToString(CultureInfo.InvariantCulture);
            string[] cells = [run.RunId, RunsListJson.Name(run.Status), started, steps, run.Agent, run.Task];
            table.AddRow(Array.ConvertAll(cells, Markup.Escape));
        }

        return table;
    }
}
