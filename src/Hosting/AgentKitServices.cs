using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentKit.Hosting;

/// <summary>AgentKit in a .NET host.</summary>
public static class AgentKitServices
{
    /// <summary>
    /// Adds an actor system, a journal and a hosted service that opens models and tool servers when the host starts, takes up interrupted
    /// runs, and drains when it stops: runs in work are let go of and stay resumable.
    /// </summary>
    /// <param name="services">
    /// The host's services. A <see cref="TimeProvider"/>, <see cref="IJournal"/> or <see cref="ActorSystem"/> among them is used.
    /// </param>
    /// <param name="configure">Sets the options; they can also be bound from configuration.</param>
    /// <returns>What models, agents and tool servers are added to.</returns>
    /// <remarks>
    /// Health checks: <c>agentkit</c>, tagged <c>live</c>, and <c>model:NAME</c> for each model, tagged <c>ready</c>.
    /// </remarks>
    public static AgentKitBuilder AddAgentKit(this IServiceCollection services, Action<AgentKitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<AgentKitOptions> options = services.AddOptions<AgentKitOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        if (services.FirstOrDefault(service => service.ServiceType == typeof(HostPlan))?.ImplementationInstance is HostPlan known)
            return new AgentKitBuilder(services, known);

        var plan = new HostPlan();
        services.AddSingleton(plan);
        services.AddSingleton<IValidateOptions<AgentKitOptions>, AgentKitOptionsCheck>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DeadLetterFile>();
        services.TryAddSingleton(OpenJournal);
        services.TryAddSingleton(CreateActors);
        services.AddSingleton<AgentKitService>();
        services.AddHostedService(provider => provider.GetRequiredService<AgentKitService>());
        services.AddHealthChecks().AddCheck("agentkit", () => HealthCheckResult.Healthy("The process answers."), ["live"]);
        return new AgentKitBuilder(services, plan);
    }

    private static IJournal OpenJournal(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return services.GetRequiredService<IOptions<AgentKitOptions>>().Value.Journal is { } path
            ? SqliteJournal.Open(path, time)
            : new InMemoryJournal(time);
    }

    private static ActorSystem CreateActors(IServiceProvider services) => new(new ActorSystemOptions
    {
        TimeProvider = services.GetRequiredService<TimeProvider>(),
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<ActorSystem>(),
        OnDeadLetter = services.GetRequiredService<DeadLetterFile>().Add,
        DrainTimeout = Positive(services.GetRequiredService<IOptions<AgentKitOptions>>().Value.DrainTimeout),
    });

    /// <summary>An actor system always looks once whether its actors are at rest.</summary>
    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.FromTicks(1);
}
