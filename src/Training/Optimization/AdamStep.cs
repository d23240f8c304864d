namespace AgentKit.Training.Optimization;

/// <summary>The numbers of one step of Adam, and the step.</summary>
internal readonly struct AdamStep
{
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _epsilon;
    private readonly float _factor;
    private readonly float _rate;
    private readonly float _correction;
    private readonly float _kept;

    /// <param name="options">Settings.</param>
    /// <param name="number">Of the step, from 1.</param>
    /// <param name="learningRate">Of the step.</param>
    /// <param name="scale">What gradients are multiplied with first.</param>
    public AdamStep(AdamWOptions options, int number, double learningRate, double scale)
    {
        (_beta1, _beta2, _epsilon, _factor) = ((float)options.Beta1, (float)options.Beta2, (float)options.Epsilon, (float)scale);
        _rate = (float)(learningRate / (1 - Math.Pow(options.Beta1, number)));
        _correction = (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, number)));
        _kept = (float)(1 - (learningRate * options.WeightDecay));
    }

    /// <summary>Changes weights and moments in place; those before <paramref name="decayed"/> decay.</summary>
    public void Apply(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square, int decayed)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            float slope = gradient[i] * _factor;
            mean[i] = (_beta1 * mean[i]) + ((1 - _beta1) * slope);
            square[i] = (_beta2 * square[i]) + ((1 - _beta2) * slope * slope);
            weights[i] = (weights[i] * (i < decayed ? _kept : 1)) - (_rate * mean[i] / ((MathF.Sqrt(square[i]) * _correction) + _epsilon));
        }
    }
}
