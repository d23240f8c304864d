using System.CommandLine;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs resume [ID]</c>: takes up one run, or every run that was interrupted.</summary>
internal static class RunsResumeCommand
{
    private static readonly Argument<string?> Id = new("ID")
    {
        Description = "The run; a unique beginning of its id is enough. Without it, every run that was interrupted.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("resume", "Go on with a run where it stood: nothing that is recorded is done again.") { Id },
        "agentkit runs resume 20261105-142530-k3f9x2",
        RunAsync);

    /// <summary>Takes up one run with what it was started with.</summary>
    /// <returns>The run and the exit code.</returns>
    public static async Task<(RunView? Run, int ExitCode)> ResumeAsync(
        CommandContext context, IJournal journal, IReadOnlyList<JournalRecord> records)
    {
        string id = records[0].RunId;
        RunView run = RunView.From(records);
        if (run.Status is RunStatus.Completed)
        {
            context.Screen.Progress($"[grey]run {id} is completed already[/]");
            RunAnswer.Show(context, run);
            return (run, ExitCode.Done);
        }

        if (run.Status is RunStatus.Running)
        {
            string owner = RunState.From(records.Select(record => record.Event)).Owner;
            throw new UserInputException("ID", $"ID: run {id} is at work in process {owner}.");
        }

        RunSettings settings = RunSettings.From(context, id, (AgentEvent.RunStarted)records[0].Event);
        await using RunHost host = await RunHost.OpenAsync(context, journal, settings, RunAnswer.Passages(run));
        return await host.ShowAsync(id, host.Agent.ResumeStreamingAsync(id, context.Stop));
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        if (context.Parse.GetValue(Id) is not { } id) return await ResumeAllAsync(context, journal);
        (RunView? run, int exitCode) = await ResumeAsync(context, journal, await RunLookup.FindAsync(context, journal, id));
        if (run is not null) context.WriteJson(run.ToDocument());
        return exitCode;
    }

    private static async Task<int> ResumeAllAsync(CommandContext context, SqliteJournal journal)
    {
        List<string> interrupted = await InterruptedAsync(journal, context.Stop);
        var documents = new JsonArray();
        int worst = ExitCode.Done;
        foreach (string id in interrupted)
        {
            IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, id);
            (RunView? run, int exitCode) = await ResumeAsync(context, journal, records);
            if (run is not null) documents.Add((JsonNode)run.ToDocument());
            worst = Math.Max(worst, exitCode);
            if (exitCode == ExitCode.Cancelled) break;
        }

        if (interrupted.Count == 0) context.Screen.Progress("[grey]no run was interrupted[/]");
        context.WriteJson(new JsonObject { ["runs"] = documents });
        return worst;
    }

    /// <summary>The runs of the command line whose process is gone, the oldest first.</summary>
    public static async Task<List<string>> InterruptedAsync(IJournal journal, CancellationToken stop)
    {
        List<string> ids = await journal.ListAsync(unfinishedOnly: true, stop)
            .Where(run => run.Status is RunStatus.Interrupted && run.Agent == RunHost.AgentName)
            .Select(run => run.RunId).ToListAsync(stop);
        ids.Reverse();
        return ids;
    }
}
