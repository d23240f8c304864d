using System.Reflection;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentKit.Cli.Otlp;

/// <summary><c>--otlp URL</c>: sends the spans and metrics of a command to an OpenTelemetry collector, and says so when that fails.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const int GrpcPort = 4317;
    private const int FlushMilliseconds = 5000;

    private readonly CommandContext _context;
    private readonly Uri _collector;
    private readonly OtlpFaults _faults = new();
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private OtlpExport(CommandContext context, Uri collector)
    {
        (_context, _collector) = (context, collector);
        ResourceBuilder resource = ResourceBuilder.CreateDefault()
            .AddService("agentkit", serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3));
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Kernel.Telemetry.Name)
            .AddOtlpExporter(options => Configure(options, "v1/traces")).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Kernel.Telemetry.Name)
            .AddOtlpExporter(options => Configure(options, "v1/metrics")).Build();
    }

    /// <summary>Begins to collect.</summary>
    /// <returns><c>null</c> when no address was given.</returns>
    /// <exception cref="UserInputException">The address is none.</exception>
    public static OtlpExport? Start(CommandContext context, string? address)
    {
        if (address is null) return null;
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? new OtlpExport(context, uri)
            : throw new UserInputException("--otlp", $"--otlp is '{address}'; an address such as http://localhost:4318 is expected.");
    }

    /// <summary>Sends what was collected.</summary>
    public void Dispose()
    {
        bool sent = _traces.ForceFlush(FlushMilliseconds) & _metrics.ForceFlush(FlushMilliseconds);
        _traces.Dispose();
        _metrics.Dispose();
        _faults.Dispose();
        if (!sent || _faults.First is not null)
            _context.Screen.Notice($"warning: --otlp: not everything reached {_collector}: {_faults.First ?? "it did not answer in time"}");
    }

    private void Configure(OtlpExporterOptions options, string path)
    {
        bool grpc = _collector.Port == GrpcPort;
        options.Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = grpc ? _collector : new Uri($"{_collector.AbsoluteUri.TrimEnd('/')}/{path}");
        options.TimeoutMilliseconds = FlushMilliseconds;
    }
}
