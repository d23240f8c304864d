namespace AgentKit.Agents;

/// <summary>Asks a run's actor to work on a task.</summary>
internal sealed record RunRequest(
    AgentLoop Loop, RunRecorder Recorder, string Task, ExecutionContext? CallerContext, CancellationToken CancellationToken)
{
    /// <summary>Runs the loop in the caller's execution context, so that spans and ambient values reach the tools.</summary>
    public async Task<AgentResult> RunAsync(CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken, stopping);
        if (CallerContext is null) return await Loop.RunAsync(Recorder, Task, stop.Token).ConfigureAwait(false);
        Task<AgentResult>? run = null;
        ExecutionContext.Run(CallerContext, _ => run = Loop.RunAsync(Recorder, Task, stop.Token), null);
        return await run!.ConfigureAwait(false);
    }
}
