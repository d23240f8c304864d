using AgentKit.Kernel.Errors;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A look at a server before it is approved: what it offers, and what has changed since it was approved.</summary>
public sealed class McpReview : IAsyncDisposable
{
    private readonly McpServerEntry _entry;
    private readonly McpApprovals _approvals;
    private readonly McpToolConnection _connection;
    private readonly TimeProvider _time;

    private McpReview(McpServerEntry entry, McpApprovals approvals, McpToolConnection connection, TimeProvider time)
    {
        (_entry, _approvals, _connection, _time) = (entry, approvals, connection, time);
        ApprovedServer? approved = approvals.Find(KeyOf(entry));
        Tools = [.. Compare(approved, connection.Definitions)];
        IsApproved = approved is not null && approved.Fingerprint == entry.Fingerprint && Tools.All(tool => tool.Change is McpToolChange.Same);
    }

    /// <summary>Its tools, in the server's order; then those that are gone.</summary>
    public IReadOnlyList<McpReviewedTool> Tools { get; }

    /// <summary>Whether all this is approved already.</summary>
    public bool IsApproved { get; }

    /// <summary>Starts or reaches a server, approved or not.</summary>
    /// <param name="entry">The server.</param>
    /// <param name="approvals">What is approved.</param>
    /// <param name="loggers">Where the server's standard error goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserInputException">It cannot be started or reached.</exception>
    public static async Task<McpReview> OpenAsync(
        McpServerEntry entry, McpApprovals approvals, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(approvals);
        McpToolConnection connection = await McpToolConnection.ConnectAsync(entry.Spec, loggers, cancellationToken).ConfigureAwait(false);
        return new McpReview(entry, approvals, connection, time);
    }

    /// <summary>What a server is remembered under.</summary>
    /// <param name="entry">The server.</param>
    public static string KeyOf(McpServerEntry entry) => ServerConnector.KeyOf(entry);

    /// <summary>How a server is started or reached, without variables and queries, which may be secrets.</summary>
    /// <param name="entry">The server.</param>
    public static string LaunchOf(McpServerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return ServerConnector.LaunchOf(entry.Spec);
    }

    /// <summary>Remembers that the user accepts what was shown.</summary>
    /// <param name="cancellationToken">Ends the waiting for other processes.</param>
    public Task ApproveAsync(CancellationToken cancellationToken = default) =>
        _approvals.SaveAsync(KeyOf(_entry), ServerConnector.Approve(_entry, _connection, _time.GetUtcNow()), cancellationToken);

    /// <summary>Ends the connection.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static IEnumerable<McpReviewedTool> Compare(ApprovedServer? approved, IReadOnlyList<Tool> tools)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Tool tool in tools.Where(tool => names.Add(tool.Name)))
        {
            ToolDefinition now = ToolDefinition.Of(tool);
            ApprovedTool? then = approved?.Tools.GetValueOrDefault(tool.Name);
            McpToolChange change = then is null ? McpToolChange.Added : then.Sha256 == now.Sha256 ? McpToolChange.Same : McpToolChange.Changed;
            yield return new McpReviewedTool(
                HiddenText.CleanDescription(tool.Name), change, HiddenText.CleanDescription(tool.Description), ToolAnnotationMap.ContractOf(tool).SideEffect,
                change is McpToolChange.Changed ? now.Difference(then!.Definition) : null, then?.Definition, now.Json);
        }

        foreach ((string name, ApprovedTool then) in (approved?.Tools ?? new Dictionary<string, ApprovedTool>()).Where(tool => !names.Contains(tool.Key)))
            yield return new McpReviewedTool(name, McpToolChange.Removed, null, null, null, then.Definition, null);
    }
}
