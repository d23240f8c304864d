namespace AgentKit.Training.Runs;

/// <summary>Means over the pairs of a batch.</summary>
internal sealed class PreferenceTally
{
    private int _pairs;
    private int _right;
    private int _likelier;
    private double _chosen;
    private double _rejected;

    /// <summary>Counts a pair.</summary>
    /// <param name="chosenReward">What the preferred answer is held to be worth.</param>
    /// <param name="rejectedReward">The other one.</param>
    /// <param name="chosen">Log-probability of the preferred answer, or its score.</param>
    /// <param name="rejected">Of the other one.</param>
    public void Add(double chosenReward, double rejectedReward, double chosen, double rejected)
    {
        _pairs++;
        if (chosenReward > rejectedReward) _right++;
        if (chosen > rejected) _likelier++;
        (_chosen, _rejected) = (_chosen + chosenReward, _rejected + rejectedReward);
    }

    public IReadOnlyDictionary<string, double> Means() => new Dictionary<string, double>
    {
        ["accuracy"] = (double)_right / _pairs,
        ["chosen_likelier"] = (double)_likelier / _pairs,
        ["reward_chosen"] = _chosen / _pairs,
        ["reward_rejected"] = _rejected / _pairs,
        ["margin"] = (_chosen - _rejected) / _pairs,
    };
}
