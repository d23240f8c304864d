using System.Globalization;
using AgentKit.Cli.Output;
using AgentKit.Eval;

namespace AgentKit.Cli.Eval;

/// <summary>Shows progress at once, in the thread that reports it.</summary>
internal sealed class SampleProgress(ProgressLine line) : IProgress<EvalProgress>
{
    public void Report(EvalProgress value) =>
        line.Report(value.Errors == 0 ? value.Task : string.Create(CultureInfo.InvariantCulture, $"{value.Task} ({value.Errors} failed)"), value.Done, value.Total);
}
