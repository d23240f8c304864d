namespace AgentKit.Training.Objectives;

/// <summary>
/// REINFORCE with leave-one-out baselines (Ahmadian et al. 2024, section 3.4): L = −mean over completions of A·log π(y), where A is
/// <see cref="Advantages.LeaveOneOut"/> of r − β·log π(y)/π_ref(y), a constant in the derivative.
/// </summary>
public static class RlooObjective
{
    /// <summary>Loss and derivative by the policy's log-probabilities.</summary>
    /// <param name="groups">One or more; completions with reference values unless the divergence weighs nothing.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <returns>The loss and an array for each completion of each group.</returns>
    /// <exception cref="ArgumentException">A group is malformed.</exception>
    public static ObjectiveResult<double[][][]> Compute(IReadOnlyList<CompletionGroup> groups, RlooOptions? options = null)
    {
        options ??= new();
        Ranges.NotEmpty(groups, nameof(groups));
        foreach (CompletionGroup group in groups) group.Check();
        double completions = groups.Sum(group => group.Completions.Count), loss = 0;
        var gradient = new double[groups.Count][][];
        for (int g = 0; g < gradient.Length; g++)
        {
            CompletionGroup group = groups[g];
            double[] rewards = [.. group.Rewards.Zip(group.Completions, (reward, completion) => reward - Penalty(completion, options.KlBeta))];
            double[] advantages = Advantages.LeaveOneOut(rewards);
            gradient[g] = new double[advantages.Length][];
            for (int i = 0; i < advantages.Length; i++)
            {
                loss -= advantages[i] * group.Completions[i].Policy.Sum() / completions;
                gradient[g][i] = DpoObjective.Spread(group.Completions[i].Tokens, -advantages[i] / completions, mean: false);
            }
        }

        return new(loss, gradient);
    }

    private static double Penalty(CompletionLogProbabilities completion, double beta) =>
        beta == 0 ? 0 : beta * (completion.Policy.Sum() - completion.RequiredReference().Sum());
}
