using System.Collections.Concurrent;
using AgentKit.Training.Kernels;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>Finds out which way of multiplying is the fastest on this machine: each computes a layer's products forward and back, in turn.</summary>
internal static class ProductChoice
{
    private const int Tokens = 256, Rounds = 5, MostInputs = 512, MostOutputs = 2048;

    /// <summary>Another way of single precision must take less than this share of the time, so that noise does not decide; results differ in their last bits.</summary>
    private const double ClearlyFaster = 0.7;

    /// <summary>What rounding must gain to be worth it.</summary>
    private const double WorthRounding = 0.5;

    /// <summary>Most that derivatives may differ: rounding to eight bits of precision makes half a percent, a wrong product far more.</summary>
    private const double Tolerance = 0.02;

    private static readonly ConcurrentDictionary<(long, long, int), ProductPath> Known = new();

    /// <summary>Ways that this machine has, the preferred one first.</summary>
    public static IReadOnlyList<ProductPath> Available =>
        [.. Tile.IsSupported ? [ProductPath.Own] : Array.Empty<ProductPath>(), ProductPath.Ggml, .. Dnnl.Version is null ? [] : new[] { ProductPath.OneDnn }];

    /// <summary>The fastest way for layers of this width, measured once a process.</summary>
    /// <param name="inputs">The model's width.</param>
    /// <param name="outputs">The width of its feed-forward part.</param>
    /// <param name="threads">Threads.</param>
    public static ProductPath Fastest(long inputs, long outputs, int threads) =>
        Known.GetOrAdd((inputs, outputs, threads), _ => Fastest(Measure(Available, inputs, outputs, threads)));

    /// <summary>Which of some measured ways is taken.</summary>
    public static ProductPath Fastest(IReadOnlyList<ProductTime> times)
    {
        ProductTime best = times[0];
        foreach (ProductTime other in times.Skip(1))
        {
            double share = other.Path == ProductPath.OneDnn ? WorthRounding : ClearlyFaster;
            if (other.Difference <= Tolerance && other.Seconds < share * best.Seconds) best = other;
        }

        return best.Path;
    }

    /// <summary>Measures ways of multiplying in turn, so that what else the machine does disturbs all alike.</summary>
    /// <param name="paths">The ways; derivatives are compared with those of the first.</param>
    /// <param name="inputs">A layer's inputs; at most 512 of them are taken.</param>
    /// <param name="outputs">Its outputs; at most 2,048.</param>
    /// <param name="threads">Threads.</param>
    public static IReadOnlyList<ProductTime> Measure(IReadOnlyList<ProductPath> paths, long inputs, long outputs, int threads)
    {
        (inputs, outputs) = (Math.Min(inputs, MostInputs), Math.Min(outputs, MostOutputs));
        ProductTrial[] trials = [.. paths.Select(path => new ProductTrial(path, (inputs, outputs, Tokens), threads))];
        try
        {
            foreach (ProductTrial trial in trials) trial.Run();
            double[] best = [.. trials.Select(_ => double.PositiveInfinity)];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < trials.Length; i++) best[i] = Math.Min(best[i], trials[i].Run().TotalSeconds);
            }

            float[] reference = trials[0].Slopes();
            double operations = 3 * 2.0 * inputs * outputs * Tokens;
            return [.. trials.Select((trial, i) => new ProductTime(paths[i], best[i], operations / best[i], Difference(trial.Slopes(), reference)))];
        }
        finally
        {
            foreach (ProductTrial trial in trials) trial.Dispose();
        }
    }

    private static double Difference(float[] found, float[] expected)
    {
        double error = 0, length = 0;
        for (int i = 0; i < found.Length; i++)
        {
            error += Math.Pow(found[i] - expected[i], 2);
            length += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(error / length) is var difference && double.IsFinite(difference) ? difference : double.PositiveInfinity;
    }
}
