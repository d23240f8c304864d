using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>
/// Goes through a run once more with its recorded answers: the loop is the real one, the model's replies and the tools' results are the
/// recorded ones. Nothing is asked, nothing is run, nothing is journaled.
/// </summary>
public static class RunReplay
{
    /// <summary>Replays a run.</summary>
    /// <param name="records">All records of the run, in order.</param>
    /// <param name="publish">Shown every event as it comes; may be <c>null</c>.</param>
    /// <param name="cancellationToken">Ends the replay.</param>
    /// <returns>The run as recorded beside the run as replayed; without a difference, this build goes the same way.</returns>
    public static async Task<RunDiff> RunAsync(
        IReadOnlyList<JournalRecord> records, Action<AgentEvent>? publish = null, CancellationToken cancellationToken = default)
    {
        RunView recorded = RunView.From(records);
        AgentEvent[] events = [.. records.Select(record => record.Event)];
        var start = (AgentEvent.RunStarted)events[0];
        AgentEvent.ModelReplied[] replies = [.. events.OfType<AgentEvent.ModelReplied>()];
        var options = new AgentOptions { Name = start.Agent, MaxSteps = 200, MaxRepeats = 200, MaxConsecutiveErrors = 200 };
        var team = new Team(new TeamMember(new RecordedModel(replies, start.Model), options, [], new RecordedRunner(events)));
        var run = new RunRecorder(new InMemoryJournal(), recorded.RunId, publish ?? (static _ => { }));
        AgentResult replayed = await new AgentLoop(options, team)
            .RunAsync(run, start, cancellationToken, CancellationToken.None).ConfigureAwait(false);

        // A step without an end, and what the loop makes of the end of the record, are nothing to compare.
        return RunDiff.Of(Ended(recorded), Ended(replayed.Run));
    }

    /// <summary>What the model was shown for a step, exactly, as the journal tells it.</summary>
    /// <param name="records">All records of the run, in order.</param>
    /// <param name="step">A model step of the run.</param>
    /// <returns>The messages; <c>null</c> when the run has no such model step.</returns>
    public static IReadOnlyList<ChatMessage>? ContextOf(IReadOnlyList<JournalRecord> records, int step)
    {
        AgentEvent[] events = [.. records.Select(record => record.Event)];
        return events.OfType<AgentEvent.ModelReplied>().Any(reply => reply.Step == step)
            ? ChatHistory.From([.. events.TakeWhile(e => e is not AgentEvent.ModelReplied reply || reply.Step != step)])
            : null;
    }

    private static RunView Ended(RunView run) => run with { Steps = [.. run.Steps.Where(step => step.Ms is not null)] };
}
