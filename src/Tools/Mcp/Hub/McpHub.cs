using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Hub.Dispatch;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>
/// The tools of several MCP servers as functions. Each server has an actor that keeps it connected and starts it again when it is gone.
/// Servers are not trusted: their tools bear their name, definitions that change after they were approved stop the server, descriptions
/// lose what a person cannot see, and results are marked as data.
/// </summary>
public sealed class McpHub : IAsyncDisposable
{
    private readonly ActorSystem _actors;
    private readonly McpHubOptions _options;
    private readonly List<HubTool> _tools = [];
    private readonly List<McpServerState> _servers = [];

    private McpHub(McpHubOptions options, ActorSystem actors) => (_options, _actors) = (options, actors);

    /// <summary>All tools, in the order of the servers and of each server's list, whatever their number.</summary>
    public IReadOnlyList<AIFunction> Tools => _tools;

    /// <summary>The servers as they presented themselves, in the order in which they were given.</summary>
    public IReadOnlyList<McpServerState> Servers => _servers;

    /// <summary>Rules that the servers' entries hold, for a <see cref="ToolPolicy"/>. What they forbid is not among the tools.</summary>
    public IReadOnlyList<ToolRule> Rules =>
        [.. _tools.Select(tool => (tool, Answer: tool.Entry.RuleFor(tool.Target)))
            .Where(rule => rule.Answer is not null)
            .Select(rule => new ToolRule(rule.tool.Entry.Source, rule.tool.Name, rule.Answer!.Value))];

    /// <summary>Connects to all servers at the same time.</summary>
    /// <param name="servers">The servers; their names are different.</param>
    /// <param name="options">Approvals, limits, logs; defaults when <c>null</c>.</param>
    /// <param name="cancellationToken">Gives up; programs that were started are ended.</param>
    /// <exception cref="UserInputException">
    /// Two have one name; a server cannot be started or reached, is not approved, or its tools are not those that were approved.
    /// </exception>
    public static Task<McpHub> ConnectAsync(
        IReadOnlyList<McpServerEntry> servers, McpHubOptions? options = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(servers, options ?? new McpHubOptions(), McpToolConnection.ConnectAsync, cancellationToken);

    /// <summary>As the public one, with another way to connect.</summary>
    internal static async Task<McpHub> ConnectAsync(
        IReadOnlyList<McpServerEntry> servers, McpHubOptions options, OpenConnection open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(servers);
        if (servers.GroupBy(server => server.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UserInputException(twice.First().Spec.Option, $"{twice.First().Spec.Option}: two servers are named '{twice.Key}'");
        ILogger logger = options.Loggers.CreateLogger<McpHub>();
        var actors = new ActorSystem(new ActorSystemOptions { TimeProvider = options.TimeProvider, Logger = logger });
        var hub = new McpHub(options, actors);
        try
        {
            var connector = new ServerConnector(options, open, logger);
            Dictionary<string, McpServerEntry> entries = servers.ToDictionary(server => server.Name);
            actors.Register(ServerCalls.Kind, id => new ServerActor(entries[id.Key], connector, options.TimeProvider, logger));
            Task<ServerMessage.Offer>[] offers =
            [
                .. servers.Select(server => actors.AskAsync<ServerMessage.Offer>(
                    ServerCalls.ActorOf(server), new ServerMessage.Connect(cancellationToken), cancellationToken)),
            ];
            await Task.WhenAll(offers).ConfigureAwait(false);
            hub.Add([.. servers.Zip(offers, (server, offer) => (server, offer.Result))]);
            return hub;
        }
        catch
        {
            await hub.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// The tools to give to a model: all of them, or, when there are more than <see cref="McpHubOptions.MostTools"/>, the program's own,
    /// those that a server's entry names, and <c>find_tools</c> with <c>call_tool</c> and <c>call_tool_with_consent</c> for the others.
    /// </summary>
    /// <param name="policy">
    /// Decides which tools need consent. Those it forbids cannot be found; consent for one of the others holds for that call only.
    /// </param>
    public IReadOnlyList<AIFunction> ToolsFor(ToolPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (_tools.Count <= _options.MostTools) return _tools;
        HubTool[] direct = [.. _tools.Where(tool => tool.Entry.Trust is McpTrust.Own || tool.Entry.Tools.ContainsKey(tool.Target))];
        return [.. direct, .. DispatchTools.Create(_tools.Except(direct), policy)];
    }

    /// <summary>Ends all connections; programs that were started are ended with all they have started.</summary>
    public ValueTask DisposeAsync() => _actors.DisposeAsync();

    private void Add(IReadOnlyList<(McpServerEntry Entry, ServerMessage.Offer Offer)> offers)
    {
        var names = new ToolNames();
        var calls = new ServerCalls(_actors, _options);
        foreach ((McpServerEntry entry, ServerMessage.Offer offer) in offers.OrderBy(offer => offer.Entry.Trust is not McpTrust.Own))
        {
            foreach (Tool tool in offer.Tools)
            {
                bool plain = entry.Trust is McpTrust.Own || !entry.PrefixesNames;
                if (plain && !names.Reserve(tool.Name))
                    throw new UserInputException(entry.Spec.Option, $"{entry.Spec.Option}: '{entry.Name}' offers '{tool.Name}', and so does a server before it");
                _tools.Add(new HubTool(entry, calls, tool, plain ? tool.Name : names.Prefixed(entry.Name, tool.Name)));
            }
        }

        foreach ((McpServerEntry entry, ServerMessage.Offer offer) in offers)
        {
            _servers.Add(new McpServerState(
                entry.Name, entry.Source, offer.Connection.ServerName, offer.Connection.ServerVersion, offer.Connection.ProtocolVersion, offer.Tools.Count));
        }
    }
}
