using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>
/// Looks once a second at what a client has subscribed to. Looking finds what other processes change too, which being told would not.
/// </summary>
internal sealed class ChangeWatch(ServedResources resources, ServedPrompts prompts, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Watches until it is cancelled.</summary>
    /// <param name="watched">The subscribed resources, each with its version when it was subscribed to; kept up to date.</param>
    /// <param name="withPrompts">Whether the list of prompts is watched too.</param>
    /// <param name="notify">Sends a notification: its method and parameters.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        ConcurrentDictionary<string, string?> watched, bool withPrompts, Func<string, JsonObject, Task> notify, CancellationToken cancellationToken)
    {
        string? list = withPrompts ? await prompts.VersionAsync(cancellationToken).ConfigureAwait(false) : null;
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            foreach ((string uri, string? before) in watched)
            {
                string? version = await resources.VersionAsync(uri, cancellationToken).ConfigureAwait(false);
                if (before == version || !watched.TryUpdate(uri, version, before)) continue;
                await notify(NotificationMethods.ResourceUpdatedNotification, new JsonObject { ["uri"] = uri }).ConfigureAwait(false);
            }

            if (!withPrompts) continue;
            string now = await prompts.VersionAsync(cancellationToken).ConfigureAwait(false);
            if (now != list) await notify(NotificationMethods.PromptListChangedNotification, []).ConfigureAwait(false);
            list = now;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }
}
