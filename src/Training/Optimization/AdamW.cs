namespace AgentKit.Training.Optimization;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, algorithm 2): Adam (Kingma and Ba 2015) whose weight decay does not pass through the moments.
/// </summary>
/// <param name="count">Number of weights.</param>
/// <param name="options">Settings; the defaults when null.</param>
/// <param name="decayed">How many of them, from the first, decay; all when null. Norms and biases are usually left alone.</param>
public sealed class AdamW(int count, AdamWOptions? options = null, int? decayed = null) : Optimizer(count, options, decayed)
{
    private readonly float[] _mean = new float[count];
    private readonly float[] _square = new float[count];

    internal override IReadOnlyDictionary<string, Array> State() => new Dictionary<string, Array> { ["mean"] = _mean, ["square"] = _square };

    /// <inheritdoc/>
    private protected override void Update(Span<float> weights, ReadOnlySpan<float> gradient, in AdamStep step, int decayed) =>
        step.Apply(weights, gradient, _mean, _square, decayed);
}
