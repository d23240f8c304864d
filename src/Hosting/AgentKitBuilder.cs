using AgentKit.Agents;
using AgentKit.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace AgentKit.Hosting;

/// <summary>Adds models, agents and tool servers to a host. Names are checked when the host starts.</summary>
public sealed class AgentKitBuilder
{
    private readonly HostPlan _plan;

    internal AgentKitBuilder(IServiceCollection services, HostPlan plan) => (Services, _plan) = (services, plan);

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a local model: <see cref="IChatClient"/>, <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> and <see cref="LocalModel"/> with
    /// the name as their key. It is opened when the host starts, and disposed with it.
    /// </summary>
    /// <param name="name">The model's name.</param>
    /// <param name="path">A GGUF file.</param>
    /// <param name="options">How it is opened; what is left out is chosen for the model and the machine.</param>
    public AgentKitBuilder AddModel(string name, string path, LocalModelOptions? options = null)
    {
        Services.AddKeyedSingleton(name, (services, _) => LocalModel.Open(path, options, services.GetRequiredService<ILoggerFactory>()));
        Services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            name, (services, key) => services.GetRequiredKeyedService<LocalModel>(key));
        return AddModel(name, services => services.GetRequiredKeyedService<LocalModel>(name));
    }

    /// <summary>Adds any other model: an <see cref="IChatClient"/> with the name as its key; the first one also without a key.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="create">Makes the client; called once, when the host starts.</param>
    public AgentKitBuilder AddModel(string name, Func<IServiceProvider, IChatClient> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _plan.Models.Add(name);
        Services.AddKeyedSingleton(name, (services, _) => create(services));
        Services.TryAddSingleton(services => services.GetRequiredKeyedService<IChatClient>(name));
        Services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"model:{name}",
            services => new ModelHealthCheck(services.GetRequiredService<AgentKitService>(), name), HealthStatus.Unhealthy, ["ready"]));
        return this;
    }

    /// <summary>
    /// Adds an agent: an <see cref="Agent"/> with the name as its key, from the start of the host on; the first one also without a key.
    /// </summary>
    /// <param name="name">The agent's name.</param>
    /// <param name="model">The name of its model.</param>
    /// <param name="configure">Completes the options, which have name, journal, actor system, clock and log already.</param>
    /// <param name="servers">Names of the MCP servers whose tools it gets; all that were added when <c>null</c>.</param>
    public AgentKitBuilder AddAgent(
        string name, string model, Func<AgentOptions, AgentOptions>? configure = null, IReadOnlyList<string>? servers = null) =>
        AddAgent(name, model, (_, options) => configure is null ? options : configure(options), servers);

    /// <summary>As the other, for options that take something from the host's services, such as an agent added before this one.</summary>
    /// <inheritdoc cref="AddAgent(string, string, Func{AgentOptions, AgentOptions}, IReadOnlyList{string})"/>
    public AgentKitBuilder AddAgent(
        string name, string model, Func<IServiceProvider, AgentOptions, AgentOptions> configure, IReadOnlyList<string>? servers = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _plan.Agents.Add(new AgentPlan(name, model, configure, servers));
        Services.AddKeyedSingleton(name, (services, _) => services.GetRequiredService<AgentKitService>().Find(name));
        Services.TryAddSingleton(services => services.GetRequiredKeyedService<Agent>(name));
        return this;
    }

    /// <summary>Adds an MCP server, whose tools agents get. It is started or reached when the host starts.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="server">A command line, or the http(s) address of a Streamable HTTP server.</param>
    public AgentKitBuilder AddMcpServer(string name, string server)
    {
        _plan.Servers.Add((name, server));
        return this;
    }
}
