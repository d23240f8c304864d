namespace AgentKit.Training.Scaling;

/// <summary>
/// L(N, D) = ((N_c/N)^(α_N/α_D) + D_c/D)^α_D with N the weights without embeddings (Kaplan et al. 2020, *Scaling Laws for Neural Language Models*,
/// equation 1.5). Fitted by least squares on log L.
/// </summary>
public sealed class KaplanLaw : ScalingLaw
{
    private const int Parts = 4;

    private readonly double[] _p;

    private KaplanLaw(double[] p) => _p = p;

    /// <inheritdoc/>
    public override string Name => "kaplan";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Constants => new Dictionary<string, double>
    {
        ["N_c"] = Math.Exp(_p[0]), ["D_c"] = Math.Exp(_p[1]), ["alpha_N"] = _p[2], ["alpha_D"] = _p[3],
    };

    /// <summary>Fits the law.</summary>
    /// <param name="runs">Four runs or more, of several sizes and amounts of data.</param>
    /// <exception cref="Kernel.Errors.UserInputException">There are too few, or their numbers are not above 0.</exception>
    public static KaplanLaw Fit(IReadOnlyList<ScalingRun> runs)
    {
        Check(runs, Parts, "kaplan");
        var starts =
            from n in (double[])[10, 20, 32]
            from d in (double[])[10, 20, 32]
            from exponent in (double[])[0.08, 0.2, 0.5]
            select (double[])[n, d, exponent, exponent];
        return new(LogLossFit.Minimize(runs, starts, (p, run) => LogLoss(p, run.NonEmbedding, run.Tokens)));
    }

    /// <inheritdoc/>
    public override ScalingLaw Refit(IReadOnlyList<ScalingRun> runs) => Fit(runs);

    /// <inheritdoc/>
    public override double Loss(double parameters, double tokens) => Math.Exp(LogLoss(_p, parameters, tokens));

    /// <inheritdoc/>
    public override double ParametersOf(ScalingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.NonEmbedding;
    }

    private static double LogLoss(double[] p, double n, double d)
    {
        double size = p[2] / p[3] * (p[0] - Math.Log(n)), data = p[1] - Math.Log(d), most = Math.Max(size, data);
        return p[3] * (most + Math.Log(Math.Exp(size - most) + Math.Exp(data - most)));
    }
}
