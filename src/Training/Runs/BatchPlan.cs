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
    private readonly int _batchSize;
    private readonly int _packTokens;
    private readonly int _seed;
    private int[]? _order;
    private int _orderEpoch = -1;

    /// <param name="items">Samples that belong together in one pack, such as both answers of a pair; usually one each.</param>
    /// <param name="batchSize">Items a step.</param>
    /// <param name="packTokens">Most tokens computed at once; a longer item is computed alone.</param>
    /// <param name="seed">Of the order.</param>
    public BatchPlan(IReadOnlyList<IReadOnlyList<TrainingSample>> items, int batchSize, int packTokens, int seed)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfZero(items.Count, nameof(items));
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(packTokens, 1);
        (_items, _batchSize, _packTokens, _seed) = (items, batchSize, packTokens, seed);
    }

    /// <summary>Steps in which every item is seen once; the last may be smaller.</summary>
    public int StepsPerEpoch => (_items.Count + _batchSize - 1) / _batchSize;

    /// <summary>The packs of a step.</summary>
    /// <param name="step">From 1.</param>
    public IReadOnlyList<Pack> Batch(int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        (int epoch, int index) = Math.DivRem(step - 1, StepsPerEpoch);
        if (epoch != _orderEpoch)
        {
            _order = [.. Enumerable.Range(0, _items.Count)];
            new Random(HashCode(_seed, epoch)).Shuffle(_order);
            _orderEpoch = epoch;
        }

        int first = index * _batchSize;
        return PacksOf(_order!.Skip(first).Take(_batchSize).Select(i => _items[i]), _packTokens);
    }

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

    /// <summary>The same on every machine, unlike <see cref="System.HashCode"/>.</summary>
    private static int HashCode(int seed, int epoch) => unchecked((int)(((uint)seed * 2_654_435_761u) ^ ((uint)epoch * 40_503u)) & int.MaxValue);
}
