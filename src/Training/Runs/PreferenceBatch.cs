using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>An objective over pairs, on packs that hold both answers of a pair side by side.</summary>
/// <param name="references">The frozen model's view, where the objective needs it.</param>
/// <param name="objective">The loss, a mean over pairs.</param>
/// <param name="reward">What the policy holds an answer to be worth.</param>
internal sealed class PreferenceBatch(
    ReferenceLogProbabilities? references,
    Func<IReadOnlyList<PreferencePair<CompletionLogProbabilities>>, ObjectiveResult<PreferencePair<double[]>[]>> objective,
    Func<CompletionLogProbabilities, double> reward)
{
    public BatchLoss Begin(IReadOnlyList<Pack> packs, CancellationToken stop)
    {
        double total = packs.Sum(pack => pack.Samples.Count) / 2.0;
        foreach (Pack pack in packs)
        {
            for (int s = 0; s < pack.Samples.Count; s += 2) references?.Add([pack.Samples[s], pack.Samples[s + 1]], stop);
        }

        var tally = new PreferenceTally();
        return new((pack, logProbabilities) => OfPack(pack, logProbabilities, total, tally)) { Measured = () => tally.Means() };
    }

    private ObjectiveResult<double[]> OfPack(Pack pack, double[] logProbabilities, double total, PreferenceTally tally)
    {
        var pairs = new PreferencePair<CompletionLogProbabilities>[pack.Samples.Count / 2];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = new(Answer(pack, 2 * i, logProbabilities), Answer(pack, (2 * i) + 1, logProbabilities));
            tally.Add(reward(pairs[i].Chosen), reward(pairs[i].Rejected), pairs[i].Chosen.Policy.Sum(), pairs[i].Rejected.Policy.Sum());
        }

        ObjectiveResult<PreferencePair<double[]>[]> result = objective(pairs);
        double share = pairs.Length / total;
        // Counting predictions lie sample by sample, as the pairs do.
        double[] gradient = [.. result.Gradient.SelectMany(pair => pair.Chosen.Concat(pair.Rejected)).Select(slope => slope * share)];
        return new(result.Loss * share, gradient);
    }

    private CompletionLogProbabilities Answer(Pack pack, int sample, double[] logProbabilities) =>
        new(logProbabilities[pack.Ranges[sample]], references?.Of(pack.Samples[sample]));
}
