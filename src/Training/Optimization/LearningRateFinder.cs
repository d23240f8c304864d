using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Optimization;

/// <summary>
/// The learning rate range test (Smith 2017, *Cyclical Learning Rates for Training Neural Networks*, section 3.3): training steps with rates that grow by a constant
/// factor, until the loss rises for good.
/// </summary>
internal static class LearningRateFinder
{
    private const double Least = 1e-6, Most = 10;
    private const int Steps = 100;
    private const double Smoothing = 0.9;

    /// <summary>A smoothed loss this much above its lowest, relative to what had been gained, has diverged.</summary>
    private const double Diverged = 1.0;

    /// <param name="engine">The model; its weights are put back at the end.</param>
    /// <param name="batches">The packs of a step, from 1.</param>
    /// <param name="objective">The loss.</param>
    /// <param name="settings">The optimizer's.</param>
    /// <param name="maxGradientNorm">Longer gradients are scaled down to this.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="stop">Stops.</param>
    public static LearningRateTest Find(
        TrainingEngine engine, Func<int, IReadOnlyList<Pack>> batches, BatchObjective objective, AdamWOptions settings, double maxGradientNorm,
        Action<LearningRatePoint>? progress, CancellationToken stop)
    {
        float[] kept = [.. engine.Parameters.Values];
        var optimizer = Optimizer.Create(kept.Length, settings, engine.Parameters.Decayed);
        List<LearningRatePoint> points = [];
        double mean = 0;
        bool hasBroken = false;
        try
        {
            for (int step = 0; step < Steps && !HasDiverged(points); step++)
            {
                double rate = Least * Math.Pow(Most / Least, step / (Steps - 1.0));
                double loss = engine.Learn(batches(step + 1), objective, stop).Loss;
                mean = (Smoothing * mean) + ((1 - Smoothing) * loss);
                hasBroken = !double.IsFinite(loss);
                if (hasBroken) break;
                points.Add(new(rate, loss, mean / (1 - Math.Pow(Smoothing, step + 1))));
                progress?.Invoke(points[^1]);
                optimizer.Step(engine.Parameters, rate, engine.Parameters.GradientNorm(), maxGradientNorm);
            }
        }
        finally
        {
            engine.Parameters.Replace(kept);
        }

        LearningRatePoint lowest = points.MinBy(point => point.Smoothed)
            ?? throw new TrainingException($"The loss of the first batch is not a number at a learning rate of {Least}: look at the data and the model.");
        return new(points, lowest.LearningRate, lowest.LearningRate / 10, hasBroken || HasDiverged(points));
    }

    private static bool HasDiverged(List<LearningRatePoint> points)
    {
        if (points.Count < 2) return false;
        double lowest = points.Min(point => point.Smoothed), gained = points[0].Smoothed - lowest;
        return points[^1].Smoothed > lowest + (Diverged * Math.Max(gained, 0.05 * Math.Abs(points[0].Smoothed)));
    }
}
