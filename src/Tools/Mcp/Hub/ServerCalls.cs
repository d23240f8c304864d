using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>Calls over connections that actors lend: waits for a server that is being started again, and keeps to the time limit.</summary>
internal sealed class ServerCalls(ActorSystem actors, McpHubOptions options)
{
    /// <summary>The kind of the actors; the key is the server's name.</summary>
    public const string Kind = "mcp-server";

    /// <summary>How long a call waits for a server that is gone before the model is told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Calls a tool.</summary>
    /// <param name="entry">The server.</param>
    /// <param name="tool">The server's own name of the tool.</param>
    /// <param name="arguments">The arguments, perhaps with a call key.</param>
    /// <param name="repeatable">Whether the call may be sent once more when the server was gone before it answered.</param>
    /// <param name="cancellationToken">Stops waiting and tells the server.</param>
    /// <exception cref="ToolException">The tool failed, took too long, or the server does not answer.</exception>
    public async Task<string> CallAsync(
        McpServerEntry entry, string tool, AIFunctionArguments arguments, bool repeatable, CancellationToken cancellationToken)
    {
        string? key = ToolCallKey.Find(arguments);
        using var timeout = new CancellationTokenSource(options.CallTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            for (;;)
            {
                McpToolConnection connection = await BorrowAsync(entry, either.Token).ConfigureAwait(false);
                try
                {
                    return await connection.SendAsync(tool, arguments, key, either.Token).ConfigureAwait(false);
                }
                catch (ServerGoneException e)
                {
                    await actors.TellAsync(ActorOf(entry), new ServerMessage.Lost(connection), either.Token).ConfigureAwait(false);
                    if (!repeatable) throw new ToolException($"{e.Message}; whether the call took effect is not known", e);
                    repeatable = false;
                }
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && timeout.IsCancellationRequested)
        {
            throw new ToolException($"'{tool}' has not answered within {options.CallTimeout.TotalSeconds:0.#} seconds and was cancelled", e);
        }
    }

    /// <summary>The actor of a server.</summary>
    public static ActorId ActorOf(McpServerEntry entry) => new(Kind, entry.Name);

    private async Task<McpToolConnection> BorrowAsync(McpServerEntry entry, CancellationToken cancellationToken)
    {
        TimeSpan left = Patience;
        for (;;)
        {
            var lease = await actors.AskAsync<ServerMessage.Lease>(ActorOf(entry), new ServerMessage.Borrow(), cancellationToken).ConfigureAwait(false);
            if (lease.Connection is not null) return lease.Connection;
            if (lease.RetryAfter is not { } wait || wait > left) throw new ToolException(lease.Reason!);
            left -= wait;
            await Task.Delay(wait, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}
