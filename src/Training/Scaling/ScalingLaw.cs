using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Scaling;

/// <summary>How the loss falls with the size of a model and of its data, fitted to small runs.</summary>
public abstract class ScalingLaw
{
    /// <summary>FLOPs a weight and token, forward and backward: C ≈ 6·N·D (Kaplan et al. 2020, section 2.1).</summary>
    public const double FlopsPerWeightAndToken = 6;

    private const double LeastParameters = 1e3, MostParameters = 1e14;
    private const int Halvings = 200;

    /// <summary>What the law is called.</summary>
    public abstract string Name { get; }

    /// <summary>The fitted constants by name.</summary>
    public abstract IReadOnlyDictionary<string, double> Constants { get; }

    /// <summary>The expected loss in nats a token.</summary>
    /// <param name="parameters">Weights, counted as by <see cref="ParametersOf"/>.</param>
    /// <param name="tokens">Tokens to train on.</param>
    public abstract double Loss(double parameters, double tokens);

    /// <summary>The size of a run's model as this law counts it.</summary>
    /// <param name="run">The run.</param>
    public abstract double ParametersOf(ScalingRun run);

    /// <summary>The same law fitted to other runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <exception cref="UserInputException">There are too few, or their numbers are not above 0.</exception>
    public abstract ScalingLaw Refit(IReadOnlyList<ScalingRun> runs);

    /// <summary>The model and data with the lowest loss for a budget of compute.</summary>
    /// <param name="flops">The budget; tokens follow from the size by C = 6·N·D.</param>
    public ScalingOptimum Optimum(double flops)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(flops);

        // Along the budget the loss has one valley in log N, so sections of it can be dropped until it is found.
        double low = Math.Log(LeastParameters), high = Math.Log(MostParameters), ratio = (Math.Sqrt(5) - 1) / 2;
        double Along(double log) => Loss(Math.Exp(log), flops / FlopsPerWeightAndToken / Math.Exp(log));
        for (int i = 0; i < Halvings; i++)
        {
            double left = high - (ratio * (high - low)), right = low + (ratio * (high - low));
            if (Along(left) <= Along(right)) high = right;
            else low = left;
        }

        double parameters = Math.Exp((low + high) / 2), tokens = flops / FlopsPerWeightAndToken / parameters;
        return new(parameters, tokens, Loss(parameters, tokens));
    }

    /// <summary>Root of the mean squared difference of log losses.</summary>
    /// <param name="runs">What to compare with.</param>
    public double Error(IReadOnlyList<ScalingRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return Math.Sqrt(runs.Average(run => Math.Pow(Math.Log(Loss(ParametersOf(run), run.Tokens)) - Math.Log(run.Loss), 2)));
    }

    private protected static void Check(IReadOnlyList<ScalingRun> runs, int constants, string name)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.FirstOrDefault(run => !(run.Parameters > 0 && run.NonEmbedding > 0 && run.Tokens > 0 && run.Loss > 0 && double.IsFinite(run.Loss))) is { } bad)
            throw new UserInputException("runs", $"runs: {bad} cannot be a point of a scaling law; all its numbers must be above 0.");
        int sizes = runs.Select(run => run.Parameters).Distinct().Count(), amounts = runs.Select(run => run.Tokens).Distinct().Count();
        if (runs.Count < constants || sizes < 2 || amounts < 2)
        {
            throw new UserInputException(
                "runs", $"runs: there are {runs.Count} with {sizes} sizes and {amounts} amounts of data; the {name} law has {constants} constants and needs {constants} "
                + "runs or more, of two or more sizes and amounts.");
        }
    }
}
