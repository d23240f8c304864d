using AgentKit.Kernel.Actors;

namespace AgentKit.Agents;

/// <summary>The actor of one run. It lives as long as the run is in work; everything it must remember is in the journal.</summary>
internal sealed class RunActor : Actor<RunRequest>
{
    /// <summary>The actor kind; the key is the run's id.</summary>
    public const string Kind = "run";

    protected override async ValueTask ReceiveAsync(RunRequest request, ActorContext context)
    {
        try
        {
            context.Reply(await request.RunAsync(context.Stopping).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            // Whatever ended the run is its caller's to know; starting the actor anew would not bring the run back.
            context.ReplyFailure(e);
        }

        context.Stop();
    }
}
