using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;

namespace AgentKit.Cli.Runs;

/// <summary>Makes a timeline of a run and of the runs its calls made, from the journal.</summary>
internal sealed class RunTrace(IJournal journal, DateTimeOffset origin, CancellationToken stop)
{
    /// <summary>The rows, in the order in which things began.</summary>
    public static async Task<IReadOnlyList<TraceSpan>> OfAsync(IJournal journal, IReadOnlyList<JournalRecord> records, CancellationToken stop) =>
        await new RunTrace(journal, records[0].At, stop).RunAsync(records, depth: 0);

    private async Task<IReadOnlyList<TraceSpan>> RunAsync(IReadOnlyList<JournalRecord> records, int depth)
    {
        RunView run = RunView.From(records);
        (string agent, string model) = (run.Agent, run.Model);
        var calls = new List<(double Start, IReadOnlyList<TraceSpan> Rows)>();
        var begun = new Dictionary<int, double>();
        foreach (JournalRecord record in records)
        {
            if (record.Event is AgentEvent.ToolStarted or AgentEvent.ApprovalRequested) begun[record.Event.Step] = Since(record.At);
            if (record.Event is AgentEvent.HandedOff handoff) agent = handoff.Agent;
            if (Describe(record, depth + 1, model) is not { } span) continue;
            IReadOnlyList<TraceSpan> inner = record.Event is AgentEvent.ToolCompleted done ? await InnerAsync(run.RunId, done, depth + 2) : [];
            calls.Add((span.StartMs, [span, .. inner]));
        }

        foreach (RunStep open in run.Steps.Where(step => step.Ms is null))
        {
            string? note = open.Waits ? "waits for a decision" : open.Error;
            double start = begun.GetValueOrDefault(open.N, Since(records[^1].At));
            calls.Add((start, [new TraceSpan(depth + 1, $"execute_tool {open.Name}", start, null) { Note = note }]));
        }

        var whole = new TraceSpan(depth, $"invoke_agent {run.Agent}", Since(records[0].At), (records[^1].At - records[0].At).TotalMilliseconds)
        {
            Usage = run.Usage,
            Note = agent == run.Agent ? null : $"ended with agent {agent}",
            Failed = run.Status is RunStatus.Failed,
        };
        return [whole, .. calls.OrderBy(call => call.Start).SelectMany(call => call.Rows)];
    }

    /// <summary>A row for an event that is worth one.</summary>
    private TraceSpan? Describe(JournalRecord record, int depth, string model) => record.Event switch
    {
        AgentEvent.ModelReplied e => Ended(record, depth, $"chat {model}", e.Milliseconds) with { Usage = e.Usage },
        AgentEvent.ToolCompleted e => Ended(record, depth, $"execute_tool {e.Call.Name}", e.Milliseconds) with
        {
            Note = e.Error, Failed = e.Error is not null,
        },
        AgentEvent.ContextCompacted e => Moment(record, depth, "compact") with { Note = $"{e.Kind}: {e.TokensBefore} to {e.TokensAfter} tokens" },
        AgentEvent.AnswerRejected e => Moment(record, depth, "answer rejected") with { Note = e.Error, Failed = true },
        AgentEvent.HandedOff e => Moment(record, depth, "handoff") with { Note = $"to {e.Agent}" },
        AgentEvent.RunWaiting => Moment(record, depth, "waiting") with { Note = "for a decision" },
        AgentEvent.ApprovalDecided e => Moment(record, depth, e.Approved ? "approved" : "rejected") with { Note = e.Reason },
        AgentEvent.RunFinished { Status: RunStatus.Failed } e => Moment(record, depth, e.FinishReason) with { Note = e.Error, Failed = true },
        AgentEvent.RunInterrupted => Moment(record, depth, "interrupted"),
        AgentEvent.RunResumed e => Moment(record, depth, "resumed") with { Note = $"by {e.Owner}" },
        _ => null,
    };

    /// <summary>The run that a call made, when the tool was an agent: the call's key is the run's id.</summary>
    private async Task<IReadOnlyList<TraceSpan>> InnerAsync(string runId, AgentEvent.ToolCompleted done, int depth)
    {
        string key = ToolCallKey.Of(runId, done.Step, done.Call.Id);
        List<JournalRecord> records = await journal.ReadAsync(key, stop).ToListAsync(stop);
        return records.Count == 0 ? [] : await RunAsync(records, depth);
    }

    private TraceSpan Ended(JournalRecord record, int depth, string name, double milliseconds) =>
        new(depth, name, Math.Max(0, Since(record.At) - milliseconds), milliseconds);

    private TraceSpan Moment(JournalRecord record, int depth, string name) => new(depth, name, Since(record.At), 0);

    private double Since(DateTimeOffset at) => (at - origin).TotalMilliseconds;
}
