using System.Globalization;
using AgentKit.Cli.Output;
using AgentKit.Eval;

namespace AgentKit.Cli.Eval;

/// <summary>Shows progress at once, in the thread that reports it.</summary>
internal sealed class SampleProgress(Func<ProgressLine> newLine) : IProgress<EvalProgress>, IDisposable
{
    private readonly Lock _gate = new();
    private ProgressLine? _line;
    private string _task = "";

    public void Report(EvalProgress value)
    {
        lock (_gate)
        {
            // Each task has a rate of its own.
            if (value.Task != _task) Dispose();
            _task = value.Task;
            string label = value.Errors == 0
                ? value.Task : string.Create(CultureInfo.InvariantCulture, $"{value.Task} ({value.Errors} failed)");
            (_line ??= newLine()).Report(label, value.Done, value.Total);
        }
    }

    public void Dispose()
    {
        _line?.Dispose();
        _line = null;
    }
}
