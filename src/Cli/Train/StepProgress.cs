using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Shows the steps of a training run, and keeps what the result says about them.</summary>
internal sealed class StepProgress(CommandContext context) : IDisposable
{
    private readonly ProgressLine _line = new(context.Terminal, context.Quiet, context.Time, "steps");
    private int _steps;
    private long _tokens;
    private double _seconds;

    /// <summary>The last finished step.</summary>
    public int Step { get; private set; }

    /// <summary>Over all steps of this process.</summary>
    public double TokensPerSecond => _seconds > 0 ? Math.Round(_tokens / _seconds, 1) : 0;

    /// <param name="steps">Steps of the whole run.</param>
    /// <param name="done">Those that an earlier process has done.</param>
    public void Start(int steps, int done) => (_steps, Step) = (steps, done);

    public void Report(TrainingStep step)
    {
        _tokens += step.BatchTokens;
        if (step.TokensPerSecond > 0) _seconds += step.BatchTokens / step.TokensPerSecond;
        Step = step.Step;
        _line.Report(string.Create(CultureInfo.InvariantCulture, $"loss {step.Loss:0.0000}"), step.Step, _steps);
    }

    /// <summary>Says where a run was stopped; a run that was to go on may have been stopped before its first step here.</summary>
    /// <param name="step">The last step that was reported.</param>
    /// <param name="folder">The run's folder.</param>
    public static string Stopped(int step, string folder) => Math.Max(step, RunFolder.LastCheckpoint(folder) ?? 0) is > 0 and var done
        ? string.Create(CultureInfo.InvariantCulture, $"stopped after step {done}")
        : "stopped before the first step was done";

    /// <summary>Says when others than the last weights are the result; <c>null</c> when it is the last ones.</summary>
    public static string? Chosen(TrainingSummary run) =>
        run.StoppedEarly ? $"nothing became better any more; the weights of step {run.BestStep} are written"
        : run.BestStep is { } best && best != run.Steps ? $"the weights of step {best} are written, the best that were measured"
        : null;

    public void Dispose() => _line.Dispose();
}
