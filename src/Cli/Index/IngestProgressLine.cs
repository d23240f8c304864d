using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Cli.Index;

/// <summary>Shows progress at once, in the thread that reports it: a line for each phase.</summary>
internal sealed class IngestProgressLine(CommandContext context) : IProgress<IngestProgress>, IDisposable
{
    private ProgressLine? _line;
    private IngestPhase _phase;

    public void Report(IngestProgress value)
    {
        (string label, string unit) = value.Phase switch
        {
            IngestPhase.Enriching => ("enriching", "chunks"),
            IngestPhase.Embedding => ("making vectors", "chunks"),
            IngestPhase.Linking => ("linking vectors", "vectors"),
            _ => ("reading", ""),
        };
        if (_line is null || _phase != value.Phase)
        {
            _line?.Dispose();
            _line = new ProgressLine(context.Terminal, context.Quiet, context.Time, unit);
            _phase = value.Phase;
        }

        _line.Report(label, value.Done, value.Total);
    }

    public void Dispose() => _line?.Dispose();
}
