using System.Globalization;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Training;

/// <summary>
/// The loop behind every kind of training: what is learned from comes as batches of packs, what is learned as a <see cref="BatchObjective"/>. A run that was
/// stopped or killed goes on from its newest checkpoint and, on the CPU, ends with the same weights.
/// </summary>
/// <param name="engine">The model and its adapter.</param>
/// <param name="batches">The packs of a step, from 1; the same whenever it is asked, given the same weights.</param>
/// <param name="objective">The loss.</param>
/// <param name="options">Settings.</param>
/// <param name="folder">Where checkpoints and metrics go.</param>
/// <param name="time">Measures the rate.</param>
public sealed class TrainingLoop(
    TrainingEngine engine, Func<int, CancellationToken, IReadOnlyList<Pack>> batches, BatchObjective objective, TrainingLoopOptions options, RunFolder folder, TimeProvider time)
{
    private const string ValuesPart = "values", AveragePart = "average", BestPart = "best";

    private readonly Optimizer _optimizer = Optimizer.Create(engine.Parameters.Values.Length, options.Optimizer, engine.Parameters.Decayed);
    private float[]? _average = options.AverageDecay is null ? null : (float[])engine.Parameters.Values.Clone();
    private float[]? _best;
    private TrainingStep? _unmeasured;

    /// <summary>Measures on held-out data; nothing is measured by default.</summary>
    public Func<CancellationToken, Measurement>? Evaluate { get; init; }

    /// <summary>
    /// Runs to the last step, until it is stopped or until something fails; a checkpoint of the last step that was taken is left then, but where a
    /// <see cref="TrainingException"/> says that there is none.
    /// </summary>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops after the pack that is being computed, be it to learn from or to measure with.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingException">The loss is not a number, or the disk is full: the checkpoint before is intact.</exception>
    public TrainingSummary Run(Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        TrainingSummary run = Restore() ?? Begin(stop);
        int saved = run.Steps;
        try
        {
            while (_unmeasured is not null || (run.Steps < options.Schedule.Steps && !run.StoppedEarly))
            {
                if (_unmeasured is null) run = Step(run, saved, stop);

                // 4. measure; a run that goes on after it was stopped here begins with this
                TrainingStep step = _unmeasured!;
                bool last = step.Step == options.Schedule.Steps;
                Measurement? held = last || (options.EvalEvery > 0 && step.Step % options.EvalEvery == 0) ? Measure(stop) : null;
                run = Judge(run, held);
                step = step with { EvalLoss = held?.Loss, EvalMetrics = held?.Metrics };
                folder.Append(step);
                _unmeasured = null;
                progress?.Invoke(step);

                // 5. checkpoint
                if (last || run.StoppedEarly || step.Step % options.CheckpointEvery == 0) saved = Save(run);
            }

            return Finish(run);
        }
        catch (Exception e) when (e is not TrainingException && run.Steps > saved)
        {
            // Stopped, out of memory, a reward that failed: what was learned until then is whole.
            Save(run);
            throw;
        }
    }

    /// <summary>Takes a step, which is then to be measured.</summary>
    private TrainingSummary Step(TrainingSummary run, int saved, CancellationToken stop)
    {
        // 1. the next batch
        int number = run.Steps + 1;
        long started = time.GetTimestamp();
        IReadOnlyList<Pack> packs = batches(number, stop);

        // 2. forward, objective, backward
        (double loss, IReadOnlyDictionary<string, double>? metrics) = engine.Learn(packs, objective, stop);
        double norm = engine.Parameters.GradientNorm();
        RefuseNotFinite(number, loss, norm, packs, saved);

        // 3. clip and step
        double rate = options.Schedule.At(number);
        _optimizer.Step(engine.Parameters, rate, norm, options.MaxGradientNorm);
        Average();
        long tokens = packs.Sum(pack => (long)pack.Tokens.Length);
        double speed = tokens / Math.Max(1e-9, time.GetElapsedTime(started).TotalSeconds);
        run = run with { Steps = number, Tokens = run.Tokens + tokens, LossFirst = number == 1 ? loss : run.LossFirst, LossLast = loss };
        _unmeasured = new TrainingStep(number, loss, rate, norm, tokens, run.Tokens, Math.Round(speed, 1)) { Metrics = metrics };
        return run.WithMetrics("", metrics, first: false);
    }

    private TrainingSummary Begin(CancellationToken stop)
    {
        Measurement? held = Measure(stop);
        TrainingSummary run = new(0, 0, double.NaN, double.NaN, held?.Loss, null);
        return options.EarlyStop is null ? run.WithMetrics("eval_", held?.Metrics, first: true) : Judge(run.WithMetrics("eval_", held?.Metrics, first: true), held);
    }

    /// <summary>Held-out measures are those of the weights that would be written now.</summary>
    private Measurement? Measure(CancellationToken stop)
    {
        if (Evaluate is null) return null;
        if (_average is null) return Evaluate(stop);
        float[] trained = [.. engine.Parameters.Values];
        engine.Parameters.Replace(_average);
        try
        {
            return Evaluate(stop);
        }
        finally
        {
            engine.Parameters.Replace(trained);
        }
    }

    /// <summary>Keeps the best weights and stops when nothing has become better for long.</summary>
    private TrainingSummary Judge(TrainingSummary run, Measurement? held)
    {
        if (held is null) return run;
        run = run.Steps == 0 ? run : (run with { EvalLossLast = held.Loss }).WithMetrics("eval_", held.Metrics, first: false);
        if (options.EarlyStop is not { } early) return run;
        double value = early.Of(held);
        if (run.BestEval is { } best && !early.IsBetter(value, best))
        {
            int stale = run.EvalsSinceBest + 1;
            return run with { EvalsSinceBest = stale, StoppedEarly = stale >= early.Patience };
        }

        _best = [.. _average ?? engine.Parameters.Values];
        return run with { BestEval = value, BestStep = run.Steps, EvalsSinceBest = 0 };
    }

    private void Average()
    {
        if (_average is null || options.AverageDecay is not { } decay) return;
        float kept = (float)decay, added = (float)(1 - decay);
        float[] values = engine.Parameters.Values;
        for (int i = 0; i < values.Length; i++) _average[i] = (kept * _average[i]) + (added * values[i]);
    }

    /// <summary>Puts the weights in place that are to be written: the best, the average, or the last.</summary>
    private TrainingSummary Finish(TrainingSummary run)
    {
        if ((_best ?? _average) is { } chosen) engine.Parameters.Replace(chosen);
        return run;
    }

    private TrainingSummary? Restore()
    {
        if (folder.Resume() is not { } checkpoint) return null;
        engine.Parameters.Replace(checkpoint.Floats(ValuesPart)!);
        _average = checkpoint.Floats(AveragePart);
        _best = checkpoint.Floats(BestPart);
        _optimizer.Load(checkpoint.State.Summary.Steps, checkpoint.Parts);
        _unmeasured = checkpoint.State.Unmeasured;
        return checkpoint.State.Summary;
    }

    private int Save(TrainingSummary run)
    {
        Dictionary<string, Array> parts = new(_optimizer.State()) { [ValuesPart] = engine.Parameters.Values };
        if (_average is not null) parts[AveragePart] = _average;
        if (_best is not null) parts[BestPart] = _best;
        folder.Save(new(run) { Unmeasured = _unmeasured }, parts);
        return run.Steps;
    }

    private void RefuseNotFinite(int step, double loss, double norm, IReadOnlyList<Pack> packs, int saved)
    {
        if (double.IsFinite(loss) && double.IsFinite(norm)) return;
        string lines = string.Join(", ", packs.SelectMany(pack => pack.Samples).Select(sample => sample.Line).Distinct().Order());
        throw new TrainingException(string.Create(
            CultureInfo.InvariantCulture,
            $"Step {step}: the loss is {loss} and the length of its gradient {norm}; the batch holds the rows of lines {lines}. "
            + $"{(saved > 0 ? $"The checkpoint of step {saved} is intact. " : "")}A smaller learning rate or a look at these rows may help."));
    }
}
