using AgentKit.Training.Engine;

namespace AgentKit.Training.Optimization;

/// <summary>Changes weights along a gradient, and remembers what it needs for the next step.</summary>
public abstract class Optimizer
{
    private readonly AdamWOptions _options;
    private readonly int _decayed;

    /// <param name="count">Number of weights.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="decayed">How many of them, from the first, decay; all when null.</param>
    private protected Optimizer(int count, AdamWOptions? options, int? decayed) => (Count, _options, _decayed) = (count, options ?? new(), decayed ?? count);

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Number of weights.</summary>
    public int Count { get; }

    /// <summary>The optimizer that the settings ask for.</summary>
    /// <param name="count">Number of weights.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="decayed">How many of them, from the first, decay; all when null.</param>
    public static Optimizer Create(int count, AdamWOptions? options = null, int? decayed = null) =>
        options is { EightBit: true } ? new AdamW8(count, options, decayed) : new AdamW(count, options, decayed);

    /// <summary>Takes one step.</summary>
    /// <param name="weights">Changed in place.</param>
    /// <param name="gradient">Of the loss.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="scale">What gradients are multiplied with first, for clipping.</param>
    public void Step(Span<float> weights, ReadOnlySpan<float> gradient, double learningRate, double scale = 1)
    {
        if (weights.Length != Count || gradient.Length != Count)
            throw new ArgumentException($"There are {weights.Length} weights and {gradient.Length} gradients; {Count} are expected.", nameof(gradient));
        Steps++;
        Update(weights, gradient, new AdamStep(_options, Steps, learningRate, scale), _decayed);
    }

    /// <summary>Takes one step along a gradient that is no longer than <paramref name="most"/>, and makes it count in the next graph.</summary>
    internal void Step(ParameterSet parameters, double learningRate, double norm, double most)
    {
        Step(parameters.Values, parameters.Gradient, learningRate, Math.Min(1, most / (norm + 1e-6)));
        parameters.Upload();
    }

    /// <summary>What the next step depends on, by name.</summary>
    /// <remarks>The arrays themselves, of <see cref="float"/> or <see cref="byte"/>: the next step changes them.</remarks>
    internal abstract IReadOnlyDictionary<string, Array> State();

    /// <summary>Goes on where <see cref="State"/> was taken.</summary>
    internal void Load(int steps, IReadOnlyDictionary<string, Array> state)
    {
        Steps = steps;
        foreach ((string part, Array numbers) in State()) state[part].CopyTo(numbers, 0);
    }

    private protected abstract void Update(Span<float> weights, ReadOnlySpan<float> gradient, in AdamStep step, int decayed);
}
