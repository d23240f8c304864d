using AgentKit.Training.Rewards;

namespace AgentKit.Training.Rollouts;

/// <summary>The answers that some steps learn from, group by group.</summary>
/// <param name="Number">From 0.</param>
/// <param name="GroupSize">Answers to one prompt.</param>
/// <param name="Rollouts">All answers.</param>
internal sealed record RolloutRound(int Number, int GroupSize, IReadOnlyList<JudgedRollout> Rollouts)
{
    /// <summary>Means over the answers.</summary>
    public Dictionary<string, double> Metrics()
    {
        Dictionary<string, double> metrics = new()
        {
            ["reward"] = Rollouts.Average(rollout => rollout.Reward),
            ["answer_tokens"] = Rollouts.Average(rollout => rollout.AnswerTokens),
            ["ended"] = Rollouts.Average(rollout => rollout.Ended ? 1.0 : 0),
        };
        if (Rollouts.Any(rollout => rollout.Results is not null))
        {
            metrics["tool_steps"] = Rollouts.Average(rollout => (double)(rollout.Results?.Count ?? 0));
            metrics["tool_failures"] = Rollouts.Average(rollout => (double)rollout.ToolFailures);
        }

        if (GroupSize > 1)
        {
            metrics["reward_std"] = Groups.Average(group => Deviation([.. group.Select(rollout => rollout.Reward)]));
            metrics["equal_groups"] = Groups.Average(group => group.All(rollout => rollout.Reward == group[0].Reward) ? 1.0 : 0);
        }

        foreach (string name in Rollouts.SelectMany(rollout => rollout.Parts.Keys).Distinct().Order(StringComparer.Ordinal))
            metrics[$"reward_{name}"] = Mean(name);
        return metrics;
    }

    private IEnumerable<JudgedRollout[]> Groups => Rollouts.Chunk(GroupSize);

    /// <summary>Over the answers that a reward judged; of those that it could not, the share of all.</summary>
    private double Mean(string name) => name.EndsWith(RewardSet.Unjudged, StringComparison.Ordinal)
        ? Rollouts.Average(rollout => rollout.Parts.GetValueOrDefault(name))
        : Rollouts.Where(rollout => rollout.Parts.ContainsKey(name)).Average(rollout => rollout.Parts[name]);

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
