using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>
/// KTO over batches. The divergence z₀ is estimated as in the paper (Ethayarajh et al. 2024, section 4.1): the mean log-ratio of a batch's prompts with
/// other prompts' answers, and 0 where that is negative. Here the answer is that of the next row with another prompt.
/// </summary>
/// <param name="engine">Computes.</param>
/// <param name="references">The frozen model's view.</param>
/// <param name="options">Settings of the objective.</param>
/// <param name="packTokens">Most tokens computed at once.</param>
/// <param name="reachable">Most tokens of a sample.</param>
internal sealed class KtoBatch(TrainingEngine engine, ReferenceLogProbabilities references, KtoOptions options, int packTokens, int reachable)
{
    private readonly Dictionary<TrainingSample, TrainingSample> _mismatched = new(ReferenceEqualityComparer.Instance);

    /// <summary>Gives every row's prompt the answer of the next row with another prompt; there must be one.</summary>
    public void Pair(IReadOnlyList<IReadOnlyList<TrainingSample>> items)
    {
        for (int i = 0; i < items.Count; i++)
        {
            int other = i + 1;
            while (!HaveOtherPrompts(items[i][0], items[other % items.Count][0])) other++;
            _mismatched[items[i][0]] = Mismatched(items[i][0], items[other % items.Count][0]);
        }
    }

    /// <summary>Whether two rows ask something else.</summary>
    public static bool HaveOtherPrompts(TrainingSample one, TrainingSample other) => !Prompt(one).SequenceEqual(Prompt(other));

    public BatchLoss Begin(IReadOnlyList<Pack> packs, CancellationToken stop)
    {
        TrainingSample[] samples = [.. packs.SelectMany(pack => pack.Samples)];
        foreach (TrainingSample sample in samples) references.Add([sample], stop);
        double kl = Divergence(samples, stop), rows = samples.Length;
        Dictionary<bool, List<double>> rewards = new() { [true] = [], [false] = [] };
        return new((pack, logProbabilities) => OfPack(pack, logProbabilities, kl, rows, rewards)) { Measured = () => Means(rewards, kl) };
    }

    private ObjectiveResult<double[]> OfPack(Pack pack, double[] logProbabilities, double kl, double rows, Dictionary<bool, List<double>> rewards)
    {
        var answers = new LabelledCompletion[pack.Samples.Count];
        for (int s = 0; s < answers.Length; s++)
        {
            TrainingSample sample = pack.Samples[s];
            answers[s] = new(new(logProbabilities[pack.Ranges[s]], references.Of(sample)), sample.Desirable);
            rewards[sample.Desirable].Add(options.Beta * (answers[s].Completion.Policy.Sum() - references.Of(sample).Sum()));
        }

        ObjectiveResult<double[][]> result = KtoObjective.Compute(answers, kl, options);
        double share = answers.Length / rows;
        return new(result.Loss * share, [.. result.Gradient.SelectMany(slopes => slopes).Select(slope => slope * share)]);
    }

    private double Divergence(TrainingSample[] samples, CancellationToken stop)
    {
        IReadOnlyList<TrainingSample>[] others = [.. samples.Select(sample => (IReadOnlyList<TrainingSample>)[_mismatched[sample]])];
        foreach (IReadOnlyList<TrainingSample> other in others) references.Add(other, stop);
        double sum = 0;
        foreach (Pack pack in BatchPlan.PacksOf(others, packTokens))
        {
            stop.ThrowIfCancellationRequested();
            sum += engine.LogProbabilities(pack).Sum() - pack.Samples.Sum(sample => references.Of(sample).Sum());
        }

        return Math.Max(0, sum / samples.Length);
    }

    private TrainingSample Mismatched(TrainingSample prompt, TrainingSample answer)
    {
        int[] question = [.. Prompt(prompt)];
        int begin = FirstTrained(answer), length = Math.Min(answer.Tokens.Length - begin, Math.Max(1, reachable - question.Length));
        return new(prompt.Line, [.. question, .. answer.Tokens.AsSpan(begin, length)], [.. new double[question.Length], .. answer.Weights.AsSpan(begin, length)]);
    }

    private static ReadOnlySpan<int> Prompt(TrainingSample sample) => sample.Tokens.AsSpan(0, FirstTrained(sample));

    private static int FirstTrained(TrainingSample sample) => Array.FindIndex(sample.Weights, weight => weight > 0);

    private static Dictionary<string, double> Means(Dictionary<bool, List<double>> rewards, double kl)
    {
        Dictionary<string, double> means = new() { ["kl"] = kl };
        if (rewards[true].Count > 0) means["reward_desirable"] = rewards[true].Average();
        if (rewards[false].Count > 0) means["reward_undesirable"] = rewards[false].Average();
        return means;
    }
}
