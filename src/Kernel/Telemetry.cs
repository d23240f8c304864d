using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AgentKit.Kernel;

/// <summary>The one source of spans and the one meter of the toolkit, both named <c>AgentKit</c>.</summary>
public static class Telemetry
{
    /// <summary>Name to pass to <c>AddSource</c> and <c>AddMeter</c>.</summary>
    public const string Name = "AgentKit";

    /// <summary>Spans, named by the OpenTelemetry GenAI conventions.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Metrics, named by the OpenTelemetry GenAI conventions.</summary>
    public static Meter Meter { get; } = new(Name);
}
