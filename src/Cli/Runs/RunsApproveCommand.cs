using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs approve ID CALL</c>: lets a waiting call run and goes on with its run.</summary>
internal static class RunsApproveCommand
{
    private static readonly Argument<string> Id = RunLookup.Argument();

    private static readonly Argument<string> Call = new("CALL") { Description = "The call, as 'runs show' lists it under waiting." };

    private static readonly Option<string> Scope = new("--scope")
    {
        Description = "This call only (once), this tool in this run (session), or this tool of this server from now on (always).",
        HelpName = "once|session|always",
        DefaultValueFactory = _ => "once",
        CompletionSources = { "once", "session", "always" },
    };

    private static readonly Option<string?> Result = new("--result")
    {
        Description = "For a call whose outcome is unknown: it took effect, and this is its result. It is not run again.",
        HelpName = "text",
    };

    private static readonly Option<bool> Later = RunsRejectCommand.LaterOption();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("approve", "Let a tool call run that a run waits for, and go on with the run.") { Id, Call, Scope, Result, Later },
        "agentkit runs approve 20261105-142530-k3f9x2 call_1_1",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        ApprovalScope scope = context.Parse.GetValue(Scope) switch
        {
            "once" => ApprovalScope.Once,
            "session" => ApprovalScope.Session,
            "always" => ApprovalScope.Always,
            var other => throw new UserInputException("--scope", $"--scope is '{other}'; once, session or always is allowed."),
        };
        string callId = context.Parse.GetValue(Call)!;
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!);
        string id = records[0].RunId;
        if (scope is not ApprovalScope.Once && CallsOf(records).Any(call => call.Call.Id == callId && Approval.IsForManyTools(call.Call.Name)))
            throw new UserInputException("--scope", "--scope: this call goes to one of many tools; it can be approved once only.");
        if (context.Parse.GetValue(Result) is { } result) await RunDecision.SettleAsync(journal, id, callId, result, context.Stop);
        else await RunDecision.ApproveAsync(journal, id, callId, scope, context.Stop);
        if (scope is ApprovalScope.Always) Remember(context, records, callId, ApprovalAnswer.Allow);
        return await RunsRejectCommand.GoOnAsync(context, journal, id, context.Parse.GetValue(Later));
    }

    /// <summary>Makes a rule of a decision that is meant for good.</summary>
    public static void Remember(CommandContext context, IReadOnlyList<JournalRecord> records, string callId, ApprovalAnswer answer)
    {
        CallState call = CallsOf(records).First(c => c.Call.Id == callId);
        new ApprovalRules(context.Data).Add(new ToolRule(call.Server ?? ToolRule.BuiltIn, call.Call.Name, answer));
    }

    private static IEnumerable<CallState> CallsOf(IReadOnlyList<JournalRecord> records) => RunState.From(records.Select(record => record.Event)).Calls;
}
