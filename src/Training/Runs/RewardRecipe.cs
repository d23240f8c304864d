using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>Learning to score answers as people's choices do.</summary>
internal sealed class RewardRecipe(RewardRunOptions options) : Recipe
{
    public override string Objective => "reward";

    public override HeadKind Head => HeadKind.Score;

    public override RunData Read(RunReader reader) => reader.Read(RowKind.Preference);

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data) => Lessons.Of(engine, data, options, (packs, _) => Begin(packs));

    private static BatchLoss Begin(IReadOnlyList<Pack> packs)
    {
        double total = packs.Sum(pack => pack.Samples.Count) / 2.0;
        var tally = new PreferenceTally();
        return new((_, scores) => OfPack(scores, total, tally)) { Measured = () => tally.Means() };
    }

    private static ObjectiveResult<double[]> OfPack(double[] scores, double total, PreferenceTally tally)
    {
        PreferencePair<double>[] pairs = [.. scores.Chunk(2).Select(pair => new PreferencePair<double>(pair[0], pair[1]))];
        foreach (PreferencePair<double> pair in pairs) tally.Add(pair.Chosen, pair.Rejected, pair.Chosen, pair.Rejected);
        ObjectiveResult<PreferencePair<double>[]> result = RewardObjective.Compute(pairs);
        double share = pairs.Length / total;
        return new(result.Loss * share, [.. result.Gradient.SelectMany(pair => (double[])[pair.Chosen * share, pair.Rejected * share])]);
    }
}
