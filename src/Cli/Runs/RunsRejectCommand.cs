using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs reject ID CALL</c>: keeps a waiting call from running, tells the model, and goes on with its run.</summary>
internal static class RunsRejectCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    private static readonly Argument<string> Call = new("CALL") { Description = "The call, as 'runs show' lists it under waiting." };

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, in words for the model.", HelpName = "text" };

    private static readonly Option<bool> Always = new("--always")
    {
        Description = "Never let this tool of this server run from now on.",
    };

    private static readonly Option<bool> Later = LaterOption();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("reject", "Keep a tool call from running that a run waits for, tell the model, and go on with the run.")
        {
            Id, Call, Reason, Always, Later,
        },
        "agentkit runs reject 20261105-142530-k3f9x2 call_1_1 --reason \"use the test account\"",
        RunAsync);

    public static Option<bool> LaterOption() => new("--later")
    {
        Description = "Only record the decision; 'agentkit runs resume' goes on with the run.",
    };

    /// <summary>Goes on with a run after a decision, unless another call of it still waits.</summary>
    public static async Task<int> GoOnAsync(CommandContext context, SqliteJournal journal, string id, bool later)
    {
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, id);
        RunView run = RunView.From(records);
        int exitCode = ExitCode.Done;
        if (later || run.Waiting.Count > 0) RunOutline.ShowWaiting(context, run);
        else (run, exitCode) = await RunsResumeCommand.ResumeAsync(context, journal, records) is ({ } after, var code) ? (after, code) : (run, 1);
        context.WriteJson(run.ToDocument());
        return exitCode;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!);
        (string id, string callId) = (records[0].RunId, context.Parse.GetValue(Call)!);
        await RunDecision.RejectAsync(journal, id, callId, context.Parse.GetValue(Reason), context.Stop);
        if (context.Parse.GetValue(Always)) RunsApproveCommand.Remember(context, records, callId, ApprovalAnswer.Deny);
        return await GoOnAsync(context, journal, id, context.Parse.GetValue(Later));
    }
}
