using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>The run's own rows, and those of other files in the part of the run that they belong to. A step's batch depends on its number alone.</summary>
/// <param name="own">The run's own rows.</param>
/// <param name="steps">All steps of the run.</param>
/// <param name="packTokens">Most tokens computed at once.</param>
internal sealed class MixedPlan(BatchPlan own, int steps, int packTokens)
{
    private readonly List<(IReadOnlyList<IReadOnlyList<TrainingSample>> Items, EpochOrder Order, int Rows, int First, int Last)> _others = [];

    public void Add(MixedData mixed, IReadOnlyList<IReadOnlyList<TrainingSample>> items, int seed)
    {
        int first = 1 + (int)Math.Floor(mixed.From * steps), last = (int)Math.Ceiling(mixed.To * steps);
        _others.Add((items, new(items.Count, 1, seed), mixed.Rows, first, last));
    }

    /// <summary>The packs of a step, from 1.</summary>
    public IReadOnlyList<Pack> Batch(int step) => BatchPlan.PacksOf(own.Items(step).Concat(Others(step)), packTokens);

    private IEnumerable<IReadOnlyList<TrainingSample>> Others(int step)
    {
        foreach (var (items, order, rows, first, last) in _others)
        {
            if (step < first || step > last) continue;
            // One after another across epochs: every step has all its rows, however few the file has.
            for (int row = (step - first) * rows; row < (step - first + 1) * rows; row++) yield return items[order.Step(row + 1).Single()];
        }
    }
}
