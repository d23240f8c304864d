using AgentKit.Kernel.Runs;

namespace AgentKit.Agents.Crash;

/// <summary>Checks the journal of a run that nobody works on any more against what journals promise.</summary>
public static class RunAudit
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="records">All records of one run, in order.</param>
    /// <returns>One sentence for each fault; empty when the run is whole.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<JournalRecord> records)
    {
        var faults = new List<string>();
        RunView view = RunView.From(records);
        AgentEvent[] events = [.. records.Select(record => record.Event)];
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Version != i + 1) faults.Add($"event {i + 1} has version {records[i].Version}");
        }

        if (view.Status is not (RunStatus.Completed or RunStatus.Failed or RunStatus.Waiting)) faults.Add($"the run is {view.Status}");
        if (view.Status is RunStatus.Waiting && view.Waiting.Count == 0) faults.Add("the run waits and does not say for what");
        string[] asked = [.. events.OfType<AgentEvent.ModelReplied>().SelectMany(reply => reply.Calls).Select(call => call.Id)];
        ILookup<string, AgentEvent.ToolCompleted> done = events.OfType<AgentEvent.ToolCompleted>().ToLookup(e => e.Call.Id);
        HashSet<string> waiting = [.. view.Waiting.Select(call => call.CallId)];
        foreach (string id in asked)
        {
            int results = done[id].Count();
            if (results > 1) faults.Add($"call {id} has {results} results");
            if (results == 0 && view.Status is RunStatus.Completed) faults.Add($"call {id} has no result: an orphan");
            if (results == 0 && view.Status is RunStatus.Waiting && !waiting.Contains(id)) faults.Add($"call {id} is lost");
        }

        foreach (IGrouping<int, AgentEvent.ToolStarted> intents in events.OfType<AgentEvent.ToolStarted>().GroupBy(e => e.Step))
        {
            if (intents.Select(e => e.Key).Distinct().Count() > 1) faults.Add($"step {intents.Key} was tried with different keys");
        }

        foreach (IGrouping<int, AgentEvent.ModelReplied> replies in events.OfType<AgentEvent.ModelReplied>().GroupBy(e => e.Step))
        {
            if (replies.Count() > 1) faults.Add($"the model was asked {replies.Count()} times for step {replies.Key}");
        }

        return faults;
    }
}
