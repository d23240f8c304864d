using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>
/// Which samples each step learns from: all of them in a new order every epoch. A step's batch depends on the seed and its number alone, so a
/// resumed run goes on exactly where it was.
/// </summary>
public sealed class BatchPlan
{
    private readonly IReadOnlyList<IReadOnlyList<TrainingSample>> _items;
    private readonly EpochOrder _order;
    private readonly int _packTokens;

    /// <param name="items">Samples that belong together in one pack, such as both answers of a pair; usually one each.</param>
    /// <param name="batchSize">Items a step.</param>
    /// <param name="packTokens">Most tokens computed at once; a longer item is computed alone.</param>
    /// <param name="seed">Of the order.</param>
    public BatchPlan(IReadOnlyList<IReadOnlyList<TrainingSample>> items, int batchSize, int packTokens, int seed)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfLessThan(packTokens, 1);
        (_items, _order, _packTokens) = (items, new(items.Count, batchSize, seed), packTokens);
    }

    /// <summary>Steps in which every item is seen once; the last may be smaller.</summary>
    public int StepsPerEpoch => _order.StepsPerEpoch;

    /// <summary>The packs of a step.</summary>
    /// <param name="step">From 1.</param>
    public IReadOnlyList<Pack> Batch(int step) => PacksOf(Items(step), _packTokens);

    /// <summary>The items of a step.</summary>
    internal IEnumerable<IReadOnlyList<TrainingSample>> Items(int step) => _order.Step(step).Select(i => _items[i]);

    /// <summary>Puts items into packs, the longest first, each into the first pack with room.</summary>
    public static IReadOnlyList<Pack> PacksOf(IEnumerable<IReadOnlyList<TrainingSample>> items, int packTokens)
    {
        List<(List<TrainingSample> Samples, int Tokens)> packs = [];
        foreach (IReadOnlyList<TrainingSample> item in items.OrderByDescending(Length))
        {
            int length = Length(item), place = packs.FindIndex(pack => pack.Tokens + length <= packTokens);
            if (place < 0)
            {
                packs.Add(([.. item], length));
                continue;
            }

            packs[place].Samples.AddRange(item);
            packs[place] = (packs[place].Samples, packs[place].Tokens + length);
        }

        return [.. packs.Select(pack => new Pack(pack.Samples))];
    }

    private static int Length(IReadOnlyList<TrainingSample> item) => item.Sum(sample => sample.Tokens.Length);
}
