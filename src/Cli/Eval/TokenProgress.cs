using AgentKit.Cli.Output;
using AgentKit.Eval.Perplexity;

namespace AgentKit.Cli.Eval;

/// <summary>Shows progress at once, in the thread that reports it.</summary>
internal sealed class TokenProgress(ProgressLine line) : IProgress<PerplexityProgress>
{
    public void Report(PerplexityProgress value) => line.Report("reading", value.Done, value.Total);
}
