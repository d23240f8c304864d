using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>Ends every tool call as it is recorded to have ended; runs nothing.</summary>
internal sealed class RecordedRunner(IReadOnlyList<AgentEvent> record) : IToolRunner
{
    public async Task<IReadOnlyList<string>> RunAsync(RunRecorder run, CancellationToken cancellationToken)
    {
        HashSet<int> open = [.. run.State.Calls.Where(call => call.Stage is not CallStage.Done).Select(call => call.Step)];
        await run.AppendAsync([.. record.Where(e => open.Contains(e.Step) && e is AgentEvent.ToolCompleted or AgentEvent.HandedOff)])
            .ConfigureAwait(false);
        return [];
    }
}
