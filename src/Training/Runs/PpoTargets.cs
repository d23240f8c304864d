using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>What the tokens of a round's answers are learned with.</summary>
/// <param name="Advantages">Whitened over the round, [answers][tokens].</param>
/// <param name="Returns">What the value head should have expected, [answers][tokens].</param>
/// <param name="ExplainedVariance">How much of the returns' variance the expectations explain; 1 for all, 0 or less for nothing.</param>
internal sealed record PpoTargets(double[][] Advantages, double[][] Returns, double ExplainedVariance)
{
    /// <summary>Targets of a round whose answers have their old values, and reference values where the divergence costs something.</summary>
    public static PpoTargets Of(RolloutRound round, PpoRunOptions options)
    {
        double[][] advantages = [.. round.Rollouts.Select(rollout =>
            Objectives.Advantages.Generalized(TokenRewards(rollout.Reward, rollout.Old!, rollout.Reference, options.KlBeta), rollout.Values!, options.Gamma, options.Lambda))];
        double[][] returns = [.. advantages.Zip(round.Rollouts, (row, rollout) => row.Zip(rollout.Values!, (advantage, value) => advantage + value).ToArray())];
        return new(Objectives.Advantages.Whitened(advantages), returns, Explained(advantages.SelectMany(row => row), returns.SelectMany(row => row)));
    }

    /// <summary>
    /// What each token earned: the answer's reward at its last one, and at each what its distance from the reference costs, −β·(ln π_old − ln π_ref)
    /// (Ziegler et al. 2019, equation 2).
    /// </summary>
    public static double[] TokenRewards(double reward, double[] old, double[]? reference, double beta)
    {
        var rewards = new double[old.Length];
        if (reference is not null && beta > 0)
        {
            for (int t = 0; t < rewards.Length; t++) rewards[t] = -beta * (old[t] - reference[t]);
        }

        rewards[^1] += reward;
        return rewards;
    }

    /// <summary>1 − Var(returns − values) / Var(returns), the differences being the advantages; 0 where all returns are equal.</summary>
    private static double Explained(IEnumerable<double> advantages, IEnumerable<double> returns)
    {
        double whole = Variance([.. returns]);
        return whole < 1e-12 ? 0 : 1 - (Variance([.. advantages]) / whole);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }
}
