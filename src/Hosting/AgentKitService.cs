using System.Collections.Concurrent;
using AgentKit.Agents;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Models;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentKit.Hosting;

/// <summary>
/// Opens what was added before the host's other services start, takes up interrupted runs once they have, and lets go of the runs before
/// they stop: a web server that drains its requests need not wait for a model.
/// </summary>
internal sealed class AgentKitService(IServiceProvider services, HostPlan plan, IOptions<AgentKitOptions> options, ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("AgentKit.Hosting");
    private readonly ConcurrentDictionary<string, bool> _ready = new();
    private readonly ConcurrentDictionary<string, Agent> _agents = new();
    private readonly List<(string Name, McpToolConnection Connection)> _servers = [];
    private Task _recovery = Task.CompletedTask;

    /// <summary>Whether the host has begun to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Whether a model is open and, if it is a local one, has written its first token.</summary>
    public bool IsReady(string model) => _ready.ContainsKey(model);

    /// <summary>An agent by name.</summary>
    /// <exception cref="InvalidOperationException">It has not been made yet.</exception>
    public Agent Find(string name) => _agents.GetValueOrDefault(name) ?? throw new InvalidOperationException(
        $"The agent '{name}' is not made yet: agents are made when the host starts, in the order in which they were added.");

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        plan.Check();
        AgentKitOptions effective = options.Value;
        _logger.LogInformation(
            "{Options}; {Models} models, {Agents} agents, {Servers} MCP servers", effective, plan.Models.Count, plan.Agents.Count, plan.Servers.Count);
        foreach (string name in plan.Models) await OpenModelAsync(name, effective.WarmUp, cancellationToken).ConfigureAwait(false);
        foreach ((string name, string server) in plan.Servers)
        {
            McpServerSpec spec = McpServerSpec.Parse(server, $"MCP server '{name}'");
            McpToolConnection connection = await McpToolConnection.ConnectAsync(spec, loggers, cancellationToken).ConfigureAwait(false);
            _servers.Add((name, connection));
            _logger.LogInformation(
                "MCP server {Name}: {Server} {Version}, {Count} tools", name, connection.ServerName, connection.ServerVersion, connection.Tools.Count);
        }

        foreach (AgentPlan agent in plan.Agents) _agents[agent.Name] = CreateAgent(agent, effective);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Not waited for: what is taken up may work for hours.
        if (options.Value.RecoverAtStart) _recovery = Task.WhenAll(_agents.Values.Select(RecoverAsync));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        IsStopping = true;
        Task released = Task.WhenAll([.. _agents.Values.Select(agent => agent.DisposeAsync().AsTask()), _recovery]);
        try
        {
            await released.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _logger.LogWarning("The host's shutdown timeout came before all tools had finished; their runs stand at calls of unknown outcome");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await services.GetRequiredService<ActorSystem>().DisposeAsync().AsTask().WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach ((_, McpToolConnection connection) in _servers) await connection.DisposeAsync().ConfigureAwait(false);
        _servers.Clear();
    }

    private async Task OpenModelAsync(string name, bool warmUp, CancellationToken cancellationToken)
    {
        IChatClient client = services.GetRequiredKeyedService<IChatClient>(name);
        if (client is LocalModel local)
        {
            _logger.LogInformation("Model {Name}: {Settings}", name, local.Settings);
            if (warmUp)
                await client.GetResponseAsync(".", new ChatOptions { MaxOutputTokens = 1 }, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var metadata = client.GetService<ChatClientMetadata>();
            _logger.LogInformation("Model {Name}: {Provider} {Model}", name, metadata?.ProviderName ?? "custom", metadata?.DefaultModelId);
        }

        _ready[name] = true;
    }

    private Agent CreateAgent(AgentPlan agent, AgentKitOptions effective)
    {
        AgentOptions configured = agent.Configure(services, new AgentOptions
        {
            Name = agent.Name,
            Journal = services.GetRequiredService<IJournal>(),
            ActorSystem = services.GetRequiredService<ActorSystem>(),
            TimeProvider = services.GetRequiredService<TimeProvider>(),
            DrainTimeout = effective.DrainTimeout,
            Logger = loggers.CreateLogger<Agent>(),
        });
        IEnumerable<AIFunction> tools = _servers.Where(server => agent.Servers?.Contains(server.Name) ?? true).SelectMany(ToolsOf);
        // Recovery is the host's: it begins when the host has started, and not with the first request.
        configured = configured with { Name = agent.Name, RecoverAtStart = false, Tools = [.. configured.Tools, .. tools] };
        var made = new Agent(services.GetRequiredKeyedService<IChatClient>(agent.Model), configured);
        _logger.LogInformation(
            "Agent {Name} on model {Model}: {Tools} tools, {Tokens} tokens for their schemas in every prompt",
            agent.Name, agent.Model, configured.Tools.Count, made.ToolTokens?.Values.Sum());
        return made;
    }

    private static IEnumerable<AIFunction> ToolsOf((string Name, McpToolConnection Connection) server) =>
        server.Connection.Tools.Select(tool => (ToolContract.Of(tool) with { Server = server.Connection.Spec.Text }).Apply(tool));

    private async Task RecoverAsync(Agent agent)
    {
        try
        {
            IReadOnlyList<AgentResult> results = await agent.RecoverAsync(CancellationToken.None).ConfigureAwait(false);
            if (results.Count == 0) return;
            _logger.LogInformation(
                "Agent {Name} took up {Count} interrupted runs: {Completed} completed, {Waiting} wait for decisions, {Failed} failed",
                agent.Name, results.Count, Count(results, RunStatus.Completed), Count(results, RunStatus.Waiting), Count(results, RunStatus.Failed));
        }
        catch (Exception e) when (IsStopping)
        {
            _logger.LogInformation("Agent {Name} was still taking up interrupted runs when the host stopped ({Reason})", agent.Name, e.GetType().Name);
        }
        catch (Exception e)
        {
            _logger.LogError(e, "Interrupted runs of agent {Name} could not be taken up", agent.Name);
        }
    }

    private static int Count(IReadOnlyList<AgentResult> results, RunStatus status) => results.Count(result => result.Status == status);
}
