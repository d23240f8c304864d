using System.Globalization;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Training;

/// <summary>
/// The loop behind every kind of training: what is learned from comes as a <see cref="BatchPlan"/>, what is learned as a
/// <see cref="BatchObjective"/>. A run that was stopped or killed goes on from its newest checkpoint and, on the CPU, ends with the same weights.
/// </summary>
/// <param name="engine">The model and its adapter.</param>
/// <param name="plan">The batches.</param>
/// <param name="objective">The loss.</param>
/// <param name="options">Settings.</param>
/// <param name="folder">Where checkpoints and metrics go.</param>
/// <param name="time">Measures the rate.</param>
public sealed class TrainingLoop(
    TrainingEngine engine, BatchPlan plan, BatchObjective objective, TrainingLoopOptions options, RunFolder folder, TimeProvider time)
{
    private readonly AdamW _optimizer = new(engine.Parameters.Values.Length, options.Optimizer, engine.Parameters.Decayed);

    /// <summary>Held-out packs, measured with the objective; none by default.</summary>
    public IReadOnlyList<Pack> EvalPacks { get; init; } = [];

    /// <summary>Runs to the last step, or until it is stopped; both leave a checkpoint of the last finished step.</summary>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops after the pack that is being computed.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingException">The loss is not a number, or the disk is full.</exception>
    public TrainingSummary Run(Action<TrainingStep>? progress = null, CancellationToken stop = default)
    {
        TrainingSummary run = Restore() ?? new(0, 0, double.NaN, double.NaN, Evaluate(stop), null);
        int saved = run.Steps;
        try
        {
            while (run.Steps < options.Schedule.Steps)
            {
                // 1. the next batch
                int number = run.Steps + 1;
                IReadOnlyList<Pack> packs = plan.Batch(number);
                long started = time.GetTimestamp();

                // 2. forward, objective, backward
                double loss = Learn(packs, stop);
                double norm = Norm(engine.Parameters.Gradient);
                RefuseNotFinite(number, loss, norm, packs, saved);

                // 3. clip and step
                double rate = options.Schedule.At(number);
                _optimizer.Step(engine.Parameters.Values, engine.Parameters.Gradient, rate, Math.Min(1, options.MaxGradientNorm / (norm + 1e-6)));
                engine.Parameters.Upload();

                // 4. measure
                long tokens = packs.Sum(pack => (long)pack.Tokens.Length);
                double speed = tokens / Math.Max(1e-9, time.GetElapsedTime(started).TotalSeconds);
                run = run with { Steps = number, Tokens = run.Tokens + tokens, LossFirst = number == 1 ? loss : run.LossFirst, LossLast = loss };
                bool last = number == options.Schedule.Steps;
                double? eval = last || (options.EvalEvery > 0 && number % options.EvalEvery == 0) ? Evaluate(CancellationToken.None) : null;
                run = run with { EvalLossLast = eval ?? run.EvalLossLast };
                var step = new TrainingStep(number, loss, rate, norm, tokens, run.Tokens, Math.Round(speed, 1), eval);
                folder.Append(step);
                progress?.Invoke(step);

                // 5. checkpoint
                if (last || number % options.CheckpointEvery == 0) saved = Save(run);
            }

            return run;
        }
        catch (OperationCanceledException)
        {
            if (run.Steps > saved) Save(run);
            throw;
        }
    }

    /// <summary>The batch's loss; its gradient is then in the engine.</summary>
    private double Learn(IReadOnlyList<Pack> packs, CancellationToken stop)
    {
        PackObjective ofPack = objective(packs);
        engine.Parameters.ClearGradient();
        double loss = 0;
        foreach (Pack pack in packs)
        {
            stop.ThrowIfCancellationRequested();
            loss += engine.Accumulate(pack, ofPack);
        }

        engine.Parameters.DownloadGradient();
        return loss;
    }

    private double? Evaluate(CancellationToken stop)
    {
        if (EvalPacks.Count == 0) return null;
        PackObjective ofPack = objective(EvalPacks);
        double loss = 0;
        foreach (Pack pack in EvalPacks)
        {
            stop.ThrowIfCancellationRequested();
            loss += ofPack(pack, engine.LogProbabilities(pack)).Loss;
        }

        return loss;
    }

    private TrainingSummary? Restore()
    {
        if (folder.Resume() is not { } checkpoint) return null;
        checkpoint.Values.CopyTo(engine.Parameters.Values, 0);
        checkpoint.Mean.CopyTo(_optimizer.Mean, 0);
        checkpoint.Square.CopyTo(_optimizer.Square, 0);
        _optimizer.Steps = checkpoint.Summary.Steps;
        engine.Parameters.Upload();
        return checkpoint.Summary;
    }

    private int Save(TrainingSummary run)
    {
        folder.Save(run, engine.Parameters.Values, _optimizer.Mean, _optimizer.Square);
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

    /// <summary>Euclidean length, summed in double precision.</summary>
    private static double Norm(float[] gradient)
    {
        double squares = 0;
        foreach (float slope in gradient) squares += (double)slope * slope;
        return Math.Sqrt(squares);
    }
}
