namespace AgentKit.Training.Optimization;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, algorithm 2): Adam (Kingma and Ba 2015) whose weight decay does not pass through the moments.
/// </summary>
public sealed class AdamW
{
    private readonly AdamWOptions _options;
    private readonly int _decayed;

    /// <param name="count">Number of weights.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="decayed">How many of them, from the first, decay; all when null. Norms and biases are usually left alone.</param>
    public AdamW(int count, AdamWOptions? options = null, int? decayed = null)
    {
        _options = options ?? new();
        _decayed = decayed ?? count;
        (Mean, Square) = (new float[count], new float[count]);
    }

    /// <summary>Steps taken.</summary>
    public int Steps { get; internal set; }

    /// <summary>Running mean of gradients.</summary>
    internal float[] Mean { get; }

    /// <summary>Running mean of squared gradients.</summary>
    internal float[] Square { get; }

    /// <summary>Takes one step.</summary>
    /// <param name="weights">Changed in place.</param>
    /// <param name="gradient">Of the loss.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="scale">What gradients are multiplied with first, for clipping.</param>
    public void Step(Span<float> weights, ReadOnlySpan<float> gradient, double learningRate, double scale = 1)
    {
        if (weights.Length != Mean.Length || gradient.Length != Mean.Length)
            throw new ArgumentException($"There are {weights.Length} weights and {gradient.Length} gradients; {Mean.Length} are expected.", nameof(gradient));
        Steps++;
        float beta1 = (float)_options.Beta1, beta2 = (float)_options.Beta2, epsilon = (float)_options.Epsilon, factor = (float)scale;
        float step = (float)(learningRate / (1 - Math.Pow(_options.Beta1, Steps)));
        float correction = (float)(1 / Math.Sqrt(1 - Math.Pow(_options.Beta2, Steps)));
        float kept = (float)(1 - (learningRate * _options.WeightDecay));
        for (int i = 0; i < weights.Length; i++)
        {
            float slope = gradient[i] * factor;
            Mean[i] = (beta1 * Mean[i]) + ((1 - beta1) * slope);
            Square[i] = (beta2 * Square[i]) + ((1 - beta2) * slope * slope);
            weights[i] = (weights[i] * (i < _decayed ? kept : 1)) - (step * Mean[i] / ((MathF.Sqrt(Square[i]) * correction) + epsilon));
        }
    }
}
