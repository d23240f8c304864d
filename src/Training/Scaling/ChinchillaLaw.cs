namespace AgentKit.Training.Scaling;

/// <summary>
/// L(N, D) = E + A/N^α + B/D^β with N all weights (Hoffmann et al. 2022, *Training Compute-Optimal Large Language Models*, section 3.3). Fitted by least
/// squares on log L; the paper uses a Huber loss there, against runs that went wrong.
/// </summary>
public sealed class ChinchillaLaw : ScalingLaw
{
    private const int Parts = 5;

    private readonly double[] _p;

    private ChinchillaLaw(double[] p) => _p = p;

    /// <inheritdoc/>
    public override string Name => "chinchilla";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Constants => new Dictionary<string, double>
    {
        ["E"] = Math.Exp(_p[0]), ["A"] = Math.Exp(_p[1]), ["B"] = Math.Exp(_p[2]), ["alpha"] = _p[3], ["beta"] = _p[4],
    };

    /// <summary>Fits the law.</summary>
    /// <param name="runs">Five runs or more, of several sizes and amounts of data.</param>
    /// <exception cref="Kernel.Errors.UserInputException">There are too few, or their numbers are not above 0.</exception>
    public static ChinchillaLaw Fit(IReadOnlyList<ScalingRun> runs)
    {
        Check(runs, Parts, "chinchilla");
        var starts =
            from e in (double[])[-2, 0, 1]
            from a in (double[])[2, 6, 12]
            from b in (double[])[2, 6, 12]
            from exponent in (double[])[0.2, 0.5]
            select (double[])[e, a, b, exponent, exponent];
        return new(LogLossFit.Minimize(runs, starts, (p, run) => LogLoss(p, run.Parameters, run.Tokens)));
    }

    /// <inheritdoc/>
    public override ScalingLaw Refit(IReadOnlyList<ScalingRun> runs) => Fit(runs);

    /// <inheritdoc/>
    public override double Loss(double parameters, double tokens) => Math.Exp(LogLoss(_p, parameters, tokens));

    /// <inheritdoc/>
    public override double ParametersOf(ScalingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Parameters;
    }

    private static double LogLoss(double[] p, double n, double d)
    {
        double e = p[0], a = p[1] - (p[3] * Math.Log(n)), b = p[2] - (p[4] * Math.Log(d)), most = Math.Max(e, Math.Max(a, b));
        return most + Math.Log(Math.Exp(e - most) + Math.Exp(a - most) + Math.Exp(b - most));
    }
}
