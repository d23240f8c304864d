using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>Asks a run's actor to work on it, from its beginning or from where it stood.</summary>
/// <param name="Loop">The loop.</param>
/// <param name="Recorder">The run as journaled so far.</param>
/// <param name="Begin">How it begins or goes on.</param>
/// <param name="CallerContext">The caller's execution context, so that spans and ambient values reach the tools.</param>
/// <param name="Cancel">Ends the run as cancelled.</param>
/// <param name="Release">Lets go of the run.</param>
internal sealed record RunRequest(
    AgentLoop Loop, RunRecorder Recorder, AgentEvent Begin, ExecutionContext? CallerContext, CancellationToken Cancel, CancellationToken Release)
{
    /// <summary>Runs the loop.</summary>
    /// <param name="stopping">Cancelled when the actor system ends.</param>
    public async Task<AgentResult> RunAsync(CancellationToken stopping)
    {
        using var release = CancellationTokenSource.CreateLinkedTokenSource(Release, stopping);
        if (CallerContext is null) return await Loop.RunAsync(Recorder, Begin, Cancel, release.Token).ConfigureAwait(false);
        Task<AgentResult>? run = null;
        ExecutionContext.Run(CallerContext, _ => run = Loop.RunAsync(Recorder, Begin, Cancel, release.Token), null);
        return await run!.ConfigureAwait(false);
    }
}
