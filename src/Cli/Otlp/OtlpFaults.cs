using System.Diagnostics.Tracing;
using System.Globalization;

namespace AgentKit.Cli.Otlp;

/// <summary>Hears why an export failed, which the OpenTelemetry SDK tells its event source only.</summary>
internal sealed class OtlpFaults : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private string? _first;

    /// <summary>The first fault, in one line.</summary>
    public string? First => _first;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source) EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        object?[] payload = [.. eventData.Payload ?? []];
        string text = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? Source, payload);

        // Exceptions come with their stack traces; the first line says what happened.
        Interlocked.CompareExchange(ref _first, text.Split('\n')[0].Trim(), null);
    }
}
