using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Cli.Index;

/// <summary>Shows progress at once, in the thread that reports it: a line for reading, then one for vectors.</summary>
internal sealed class IngestProgressLine(CommandContext context) : IProgress<IngestProgress>, IDisposable
{
    private ProgressLine? _line;
    private IngestPhase _phase;

    public void Report(IngestProgress value)
    {
        bool embedding = value.Phase is IngestPhase.Embedding;
        if (_line is null || _phase != value.Phase)
        {
            _line?.Dispose();
            _line = new ProgressLine(context.Terminal, context.Quiet, context.Time, embedding ? "chunks" : "");
            _phase = value.Phase;
        }

        _line.Report(embedding ? "making vectors" : "reading", value.Done, value.Total);
    }

    public void Dispose() => _line?.Dispose();
}
