using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Derived gradients against measured ones, along a random direction within one tensor: single precision leaves too few digits for single weights.</summary>
internal static class GradientCheck
{
    private const float Step = 5e-3f;

    /// <param name="parameters">What is trained.</param>
    /// <param name="loss">The loss with the parameters as they are on the device.</param>
    /// <param name="gradient">Of all parameters.</param>
    /// <param name="place">The tensor.</param>
    /// <param name="name">Its name, for the failure.</param>
    public static void AssertDirection(ParameterSet parameters, Func<double> loss, float[] gradient, Range place, string name)
    {
        var random = new Random(11);
        float[] values = parameters.Values, kept = values[place];

        // A direction close to the gradient has a slope that stands out of the rounding; small weights need small steps.
        float length = MathF.Min(1, 4 * MathF.Sqrt(kept.Average(value => value * value)));
        float[] direction = [.. gradient[place].Select(slope => length * Math.Sign(slope) * random.NextSingle())];
        double Loss(float factor)
        {
            for (int i = 0; i < kept.Length; i++) values[place.Start.Value + i] = kept[i] + (factor * direction[i]);
            parameters.Upload();
            return loss();
        }

        // The error of four points falls with the step's fourth power: a step that stands out of the rounding may be that large.
        double measured = ((8 * (Loss(Step) - Loss(-Step))) - (Loss(2 * Step) - Loss(-2 * Step))) / (12 * Step);
        Loss(0);
        double derived = direction.Zip(gradient[place], (x, y) => (double)x * y).Sum();
        Assert.True(derived > 0, $"{name}: the gradient is zero");
        Assert.True(Math.Abs(measured - derived) <= 5e-4 * Math.Abs(derived), $"{name}: {derived:R} derived, {measured:R} measured");
    }
}
