using System.ComponentModel;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>Makes a connection: <see cref="McpToolConnection.ConnectAsync(McpServerSpec, ConnectionSettings, CancellationToken)"/>, or a test's.</summary>
internal delegate Task<McpToolConnection> OpenConnection(McpServerSpec spec, ConnectionSettings settings, CancellationToken cancellationToken);

/// <summary>
/// Connects to a server in the revision it spoke the last time, and lets through only those of its tools whose definitions are approved.
/// </summary>
internal sealed class ServerConnector(McpHubOptions options, OpenConnection open, ILogger logger)
{
    /// <exception cref="NotApprovedException">The server or a definition is not the one that was approved.</exception>
    /// <exception cref="UserInputException">The server cannot be connected to.</exception>
    public async Task<ServerMessage.Offer> ConnectAsync(McpServerEntry entry, Action toolsChanged, CancellationToken stop)
    {
        ApprovedServer? known = entry.Trust is McpTrust.Own ? null : options.Approvals?.Find(KeyOf(entry));
        if (entry.Trust is McpTrust.Approved && (known is null || known.Fingerprint != entry.Fingerprint))
            throw new NotApprovedException(Unapproved(entry, known));
        McpToolConnection connection = await NegotiateAsync(entry, known?.Protocol, toolsChanged, stop).ConfigureAwait(false);
        try
        {
            return await OfferAsync(entry, connection, stop).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks for the tools again and holds them against the approved ones.</summary>
    /// <exception cref="NotApprovedException">A definition is not the one that was approved.</exception>
    /// <exception cref="ToolException">The server does not answer.</exception>
    public async Task<ServerMessage.Offer> RefreshAsync(McpServerEntry entry, McpToolConnection connection, CancellationToken stop)
    {
        try
        {
            await connection.ListAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is McpException or IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException)
        {
            throw new ToolException($"the tool server '{entry.Name}' does not list its tools", e);
        }

        return await OfferAsync(entry, connection, stop).ConfigureAwait(false);
    }

    /// <summary>What a server is remembered under: its name, or how it is started where the user types that. No variables, no query: they hold secrets.</summary>
    public static string KeyOf(McpServerEntry entry) => entry.Trust is McpTrust.Approved ? entry.Name : LaunchOf(entry.Spec);

    /// <summary>How a server is started or reached, without what may be a secret.</summary>
    public static string LaunchOf(McpServerSpec spec) => spec.Url is { } url
        ? url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
        : string.Join(' ', [spec.Command!, .. spec.Arguments]);

    /// <summary>What is remembered when a user approves all that a server offers now.</summary>
    public static ApprovedServer Approve(McpServerEntry entry, McpToolConnection connection, DateTimeOffset now) => new()
    {
        Launch = LaunchOf(entry.Spec),
        Fingerprint = entry.Fingerprint,
        Approved = now,
        Version = $"{connection.ServerName} {connection.ServerVersion}".Trim(),
        Protocol = connection.ProtocolVersion,
        Tools = connection.Definitions.Select(ToolDefinition.Of).GroupBy(tool => tool.Name).ToDictionary(
            same => same.Key, same => new ApprovedTool(same.First().Sha256, same.First().Json), StringComparer.Ordinal),
    };

    /// <summary>
    /// The revision a server spoke the last time is tried first: no probe that an old server leaves unanswered for half a minute, no fall
    /// back to an old revision because a new server was slow. When that fails, it is negotiated.
    /// </summary>
    private async Task<McpToolConnection> NegotiateAsync(McpServerEntry entry, string? protocol, Action toolsChanged, CancellationToken stop)
    {
        var settings = new ConnectionSettings { Loggers = options.Loggers, ToolsChanged = toolsChanged, Elicit = options.Elicit is null ? null : Elicit };
        if (protocol is not null)
        {
            try
            {
                return await open(entry.Spec, settings with { ProtocolVersion = protocol }, stop).ConfigureAwait(false);
            }
            catch (UserInputException e) when (!IsNobodyThere(e) && !stop.IsCancellationRequested)
            {
                logger.LogDebug("The tool server {Server} does not speak revision {Protocol} any more: {Reason}", entry.Name, protocol, e.Message);
            }
        }

        return await open(entry.Spec, settings, stop).ConfigureAwait(false);

        ValueTask<ElicitResult> Elicit(ElicitRequestParams request, CancellationToken cancellation) => options.Elicit!(entry.Name, request, cancellation);
    }

    /// <summary>A server that does not start or answer does so in no revision.</summary>
    private static bool IsNobodyThere(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is Win32Exception or HttpRequestException { StatusCode: null }) return true;
        }

        return false;
    }

    private async Task<ServerMessage.Offer> OfferAsync(McpServerEntry entry, McpToolConnection connection, CancellationToken stop)
    {
        if (entry.Trust is McpTrust.Own || options.Approvals is null) return new ServerMessage.Offer(connection, Allowed(entry, connection.Definitions));
        string key = KeyOf(entry);
        ApprovedServer? known = options.Approvals.Find(key);
        if (entry.Trust is McpTrust.Approved && known?.Fingerprint != entry.Fingerprint) throw new NotApprovedException(Unapproved(entry, known));
        if (known is not { } approved)
        {
            await options.Approvals.SaveAsync(key, Approve(entry, connection, options.TimeProvider.GetUtcNow()), stop).ConfigureAwait(false);
            return new ServerMessage.Offer(connection, Allowed(entry, connection.Definitions));
        }

        DefinitionChanges changes = DefinitionChanges.Between(approved, connection.Definitions);
        if (changes.Changed.Count > 0)
        {
            throw new NotApprovedException(
                $"the tools of the server '{entry.Name}' are not those that were approved on {approved.Approved:yyyy-MM-dd}: {changes.Describe()}. "
                + $"Nothing of it is called. To see the change and accept it: agentkit mcp approve {Quoted(entry)}");
        }

        if (changes.Added.Count > 0)
        {
            logger.LogWarning(
                "The server {Server} offers tools that were not approved; they are left out: {Tools}. To accept them: agentkit mcp approve {Approve}",
                entry.Name, string.Join(", ", changes.Added), Quoted(entry));
        }

        string version = $"{connection.ServerName} {connection.ServerVersion}".Trim();
        if (approved.Protocol != connection.ProtocolVersion || approved.Version != version)
        {
            // Another version may speak another revision: then the next connection negotiates anew.
            string? protocol = approved.Version == version || connection.ProtocolVersion == McpVersions.Modern ? connection.ProtocolVersion : null;
            await options.Approvals.SaveAsync(key, approved with { Version = version, Protocol = protocol }, stop).ConfigureAwait(false);
        }

        return new ServerMessage.Offer(connection, Allowed(entry, [.. connection.Definitions.Where(tool => approved.Tools.ContainsKey(tool.Name))]));
    }

    /// <summary>What a rule forbids is not even shown to a model.</summary>
    private static IReadOnlyList<Tool> Allowed(McpServerEntry entry, IReadOnlyList<Tool> tools) =>
        [.. tools.DistinctBy(tool => tool.Name).Where(tool => entry.RuleFor(tool.Name) is not ApprovalAnswer.Deny)];

    private static string Unapproved(McpServerEntry entry, ApprovedServer? known)
    {
        string what = known is null ? "has not been approved" : $"is configured in another way than on {known.Approved:yyyy-MM-dd}, when it was approved";
        string does = entry.Spec.Url is null ? "It would run" : "It would be reached at";
        return $"the server '{entry.Name}' {what}. {does}: {LaunchOf(entry.Spec)}   To look at its tools and approve it: agentkit mcp approve {entry.Name}";
    }

    private static string Quoted(McpServerEntry entry) => entry.Trust is McpTrust.Approved ? entry.Name : $"\"{entry.Spec.Text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
