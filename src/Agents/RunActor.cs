using AgentKit.Kernel.Actors;

namespace AgentKit.Agents;

/// <summary>The actor of one run. It lives as long as the run is in work; everything it must remember is in the journal.</summary>
internal sealed class RunActor : Actor
{
    /// <summary>The actor kind; the key is the run's id.</summary>
    public const string Kind = "run";

    public override async ValueTask ReceiveAsync(object message, ActorContext context)
    {
        if (message is not RunRequest request)
            throw new ArgumentException($"A run understands {nameof(RunRequest)}, not {message.GetType()}.", nameof(message));
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
