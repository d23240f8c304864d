using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Derived gradients against measured ones, along a random direction within one tensor: single precision leaves too few digits for single weights.</summary>
internal static class GradientCheck
{
    private const float Step = 5e-3f;
    private const double MostSlope = 4, WideChange = 0.05, MostWide = 0.2;

    /// <param name="parameters">What is trained.</param>
    /// <param name="loss">The loss with the parameters as they are on the device.</param>
    /// <param name="gradient">Of all parameters.</param>
    /// <param name="place">The tensor.</param>
    /// <param name="name">Its name, for the failure.</param>
    public static void AssertDirection(ParameterSet parameters, Func<double> loss, float[] gradient, Range place, string name)
    {
        (float[] direction, Func<float, double> at) = Direction(parameters, loss, gradient, place);

        // The error of four points falls with the step's fourth power: a step that stands out of the rounding may be that large.
        double measured = ((8 * (at(Step) - at(-Step))) - (at(2 * Step) - at(-2 * Step))) / (12 * Step);
        at(0);
        double derived = direction.Zip(gradient[place], (x, y) => (double)x * y).Sum();
        Assert.True(derived > 0, $"{name}: the gradient is zero");
        Assert.True(Math.Abs(measured - derived) <= 5e-4 * Math.Abs(derived), $"{name}: {derived:R} derived, {measured:R} measured");
    }

    /// <summary>
    /// The same where the loss is a staircase around a curve, as with a GELU from a table in half precision: the slope is fitted to points so far apart that
    /// the stairs between them are low.
    /// </summary>
    public static void AssertFittedDirection(ParameterSet parameters, Func<double> loss, float[] gradient, Range place, string name)
    {
        const int points = 12;
        (float[] direction, Func<float, double> at) = Direction(parameters, loss, gradient, place);
        double derived = direction.Zip(gradient[place], (x, y) => (double)x * y).Sum(), widest = Math.Min(MostWide, WideChange / derived);
        double h2 = 0, h4 = 0, h6 = 0, first = 0, third = 0;
        for (int k = 1; k <= points; k++)
        {
            // Half the difference is slope · h + c · h³.
            double h = widest * k / points, difference = (at((float)h) - at(-(float)h)) / 2;
            (h2, h4, h6) = (h2 + (h * h), h4 + Math.Pow(h, 4), h6 + Math.Pow(h, 6));
            (first, third) = (first + (h * difference), third + (h * h * h * difference));
        }

        double measured = ((first * h6) - (third * h4)) / ((h2 * h6) - (h4 * h4));
        at(0);
        Assert.True(derived > 0, $"{name}: the gradient is zero");
        Assert.True(Math.Abs(measured - derived) <= 5e-3 * Math.Abs(derived), $"{name}: {derived:R} derived, {measured:R} measured");
    }

    /// <summary>A direction close to the gradient, which has a slope that stands out of the rounding, and the loss along it; small weights and steep losses need small steps.</summary>
    private static (float[] Direction, Func<float, double> At) Direction(ParameterSet parameters, Func<double> loss, float[] gradient, Range place)
    {
        var random = new Random(11);
        float[] values = parameters.Values, kept = values[place];
        float length = MathF.Min(1, 4 * MathF.Sqrt(kept.Average(value => value * value)));
        float[] direction = [.. gradient[place].Select(slope => length * Math.Sign(slope) * random.NextSingle())];
        double steep = direction.Zip(gradient[place], (x, y) => (double)x * y).Sum() / MostSlope;
        if (steep > 1) direction = Array.ConvertAll(direction, value => (float)(value / steep));
        return (direction, factor =>
        {
            for (int i = 0; i < kept.Length; i++) values[place.Start.Value + i] = kept[i] + (factor * direction[i]);
            parameters.Upload();
            return loss();
        });
    }
}
