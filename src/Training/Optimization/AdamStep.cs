using System.Numerics;

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
        int middle = Math.Clamp(decayed, 0, weights.Length);
        Change(weights[..middle], gradient[..middle], mean, square, _kept);
        Change(weights[middle..], gradient[middle..], mean[middle..], square[middle..], 1);
    }

    /// <summary>Whole vectors and then what is left: each weight by the same operations, so that nothing depends on where it lies.</summary>
    private void Change(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> mean, Span<float> square, float kept)
    {
        int i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> slope = new Vector<float>(gradient[i..]) * _factor;
            Vector<float> first = (new Vector<float>(mean[i..]) * _beta1) + (slope * (1 - _beta1));
            Vector<float> second = (new Vector<float>(square[i..]) * _beta2) + (slope * (1 - _beta2) * slope);
            first.CopyTo(mean[i..]);
            second.CopyTo(square[i..]);
            Vector<float> divisor = (Vector.SquareRoot(second) * _correction) + new Vector<float>(_epsilon);
            ((new Vector<float>(weights[i..]) * kept) - (first * _rate / divisor)).CopyTo(weights[i..]);
        }

        for (; i < weights.Length; i++)
        {
            float slope = gradient[i] * _factor;
            mean[i] = (mean[i] * _beta1) + (slope * (1 - _beta1));
            square[i] = (square[i] * _beta2) + (slope * (1 - _beta2) * slope);
            weights[i] = (weights[i] * kept) - (mean[i] * _rate / ((MathF.Sqrt(square[i]) * _correction) + _epsilon));
        }
    }
}
