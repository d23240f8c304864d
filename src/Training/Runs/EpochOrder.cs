namespace AgentKit.Training.Runs;

/// <summary>Which items each step takes: all of them in a new order every epoch. It depends on the seed and the step's number alone.</summary>
internal sealed class EpochOrder
{
    private readonly int _count;
    private readonly int _batchSize;
    private readonly int _seed;
    private int[]? _order;
    private int _epoch = -1;

    /// <param name="count">Items, 1 or more.</param>
    /// <param name="batchSize">Items a step.</param>
    /// <param name="seed">Of the order.</param>
    public EpochOrder(int count, int batchSize, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        (_count, _batchSize, _seed) = (count, batchSize, seed);
    }

    /// <summary>Steps in which every item is taken once; the last may be smaller.</summary>
    public int StepsPerEpoch => (_count + _batchSize - 1) / _batchSize;

    /// <summary>The items of a step.</summary>
    /// <param name="number">From 1.</param>
    public IReadOnlyList<int> Step(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        (int epoch, int index) = Math.DivRem(number - 1, StepsPerEpoch);
        if (epoch != _epoch)
        {
            _order = [.. Enumerable.Range(0, _count)];
            new Random(Mixed(_seed, epoch)).Shuffle(_order);
            _epoch = epoch;
        }

        int first = index * _batchSize;
        return _order.AsSpan(first, Math.Min(_batchSize, _count - first)).ToArray();
    }

    /// <summary>Two numbers as one; the same on every machine, unlike <see cref="HashCode"/>.</summary>
    public static int Mixed(int seed, int number) => unchecked((int)(((uint)seed * 2_654_435_761u) ^ ((uint)number * 40_503u)) & int.MaxValue);
}
