using AgentKit.Cli.Output;
using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Cli.Index;

/// <summary>Shows progress at once, in the thread that reports it.</summary>
internal sealed class IngestProgressLine(ProgressLine line) : IProgress<IngestProgress>
{
    public void Report(IngestProgress value) => line.Report(value.Source == "vectors" ? "making vectors" : "indexing", value.DoneBytes, value.TotalBytes);
}
