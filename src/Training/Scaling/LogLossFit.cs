using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace AgentKit.Training.Scaling;

/// <summary>Least squares on log losses by Levenberg and Marquardt, begun from many places because the surface has many valleys.</summary>
internal static class LogLossFit
{
    private const int Iterations = 2000;
    private const double Enough = 1e-14;

    /// <param name="runs">The points.</param>
    /// <param name="starts">Where to begin.</param>
    /// <param name="logLoss">The law: constants and a point to the log of the loss.</param>
    /// <returns>The constants with the smallest sum of squares.</returns>
    public static double[] Minimize(IReadOnlyList<ScalingRun> runs, IEnumerable<double[]> starts, Func<double[], ScalingRun, double> logLoss)
    {
        Vector<double> places = Vector<double>.Build.Dense(runs.Count, i => i), wanted = Vector<double>.Build.Dense(runs.Count, i => Math.Log(runs[i].Loss));
        Vector<double> Law(Vector<double> p, Vector<double> at)
        {
            double[] constants = p.AsArray() ?? p.ToArray();
            return Vector<double>.Build.Dense(at.Count, i => logLoss(constants, runs[(int)at[i]]));
        }

        var solver = new LevenbergMarquardtMinimizer(gradientTolerance: Enough, stepTolerance: Enough, functionTolerance: Enough, maximumIterations: Iterations);
        (double[]? best, double least) = (null, double.PositiveInfinity);
        foreach (double[] start in starts)
        {
            NonlinearMinimizationResult result = solver.FindMinimum(ObjectiveFunction.NonlinearModel(Law, places, wanted), Vector<double>.Build.DenseOfArray(start));
            double sum = (Law(result.MinimizingPoint, places) - wanted).L2Norm();
            if (sum < least) (best, least) = (result.MinimizingPoint.ToArray(), sum);
        }

        return best ?? throw new InvalidOperationException("No start led to a finite fit.");
    }
}
