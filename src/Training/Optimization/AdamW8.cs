namespace AgentKit.Training.Optimization;

/// <summary>
/// AdamW with a byte for each number of its state (Dettmers et al. 2022, 8-bit optimizers, section 2): blocks of 256 numbers share a scale, and a byte stands for
/// a number of the paper's dynamic tree, which spans seven powers of ten.
/// </summary>
/// <param name="count">Number of weights.</param>
/// <param name="options">Settings; the defaults when null.</param>
/// <param name="decayed">How many of them, from the first, decay; all when null. Norms and biases are usually left alone.</param>
public sealed class AdamW8(int count, AdamWOptions? options = null, int? decayed = null) : Optimizer(count, options, decayed)
{
    private const int BlockLength = 256;

    private readonly ByteBlocks _mean = new(count, BlockLength, DynamicTree.Signed);
    private readonly ByteBlocks _square = new(count, BlockLength, DynamicTree.Unsigned);

    internal override IReadOnlyDictionary<string, Array> State() => new Dictionary<string, Array>
    {
        ["mean8"] = _mean.Codes, ["mean8_scales"] = _mean.Scales, ["square8"] = _square.Codes, ["square8_scales"] = _square.Scales,
    };

    /// <inheritdoc/>
    private protected override void Update(Span<float> weights, ReadOnlySpan<float> gradient, in AdamStep step, int decayed)
    {
        Span<float> mean = stackalloc float[BlockLength], square = stackalloc float[BlockLength];
        for (int block = 0, first = 0; first < Count; block++, first += BlockLength)
        {
            int length = Math.Min(BlockLength, Count - first);
            Span<float> means = mean[..length], squares = square[..length];
            _mean.Read(block, means);
            _square.Read(block, squares);
            step.Apply(weights.Slice(first, length), gradient.Slice(first, length), means, squares, decayed - first);
            _mean.Write(block, means);
            _square.Write(block, squares);
        }
    }
}
