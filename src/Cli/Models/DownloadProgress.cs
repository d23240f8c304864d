using AgentKit.Models.Hub;

namespace AgentKit.Cli.Models;

/// <summary>Reports at once and in order; the usual class would report from other threads, later.</summary>
internal sealed class DownloadProgress(Action<HubProgress> report) : IProgress<HubProgress>
{
    public void Report(HubProgress value) => report(value);
}
