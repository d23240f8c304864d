using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>
/// Keeps the tasks of one or more tools, see <see cref="McpToolInfo.Tasks"/>. Tasks belong to the user who started them; for others they do
/// not exist. Implementations are safe for concurrent use.
/// </summary>
public abstract class McpTasks
{
    /// <summary>How often a client should ask, at most.</summary>
    public virtual TimeSpan PollInterval => TimeSpan.FromSeconds(1);

    /// <summary>Starts a task; once this returns, <see cref="FindAsync"/> knows it.</summary>
    /// <exception cref="AgentKit.Kernel.Errors.ToolException">It cannot be started; the message is for the client's model.</exception>
    public abstract ValueTask<McpTask> StartAsync(McpTaskStart start, CancellationToken cancellationToken);

    /// <summary>Finds a task.</summary>
    /// <returns><c>null</c> when this user has no such task here.</returns>
    public abstract ValueTask<McpTask?> FindAsync(string id, string? user, CancellationToken cancellationToken);

    /// <summary>Answers some of a task's questions; the task goes on when none is open. Unknown keys are ignored.</summary>
    public abstract ValueTask AnswerAsync(
        string id, string? user, IReadOnlyDictionary<string, InputResponse> answers, CancellationToken cancellationToken);

    /// <summary>Asks a task to end; without effect on one that has ended.</summary>
    public abstract ValueTask CancelAsync(string id, string? user, CancellationToken cancellationToken);
}
