using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentKit.Hosting;

/// <summary>Whether a model is open and has answered.</summary>
internal sealed class ModelHealthCheck(AgentKitService service, string name) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            service.IsStopping ? HealthCheckResult.Unhealthy("The host is stopping.")
            : service.IsReady(name) ? HealthCheckResult.Healthy("The model is ready.")
            : HealthCheckResult.Unhealthy("The model is not open yet."));
}
