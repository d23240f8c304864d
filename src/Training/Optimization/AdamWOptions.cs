namespace AgentKit.Training.Optimization;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <value>Decay of the mean of gradients, 0 up to below 1. Default 0.9.</value>
    public double Beta1
    {
        get;
        init => field = Decay(value, nameof(Beta1));
    } = 0.9;

    /// <value>Decay of the mean of squared gradients, 0 up to below 1. Default 0.999.</value>
    public double Beta2
    {
        get;
        init => field = Decay(value, nameof(Beta2));
    } = 0.999;

    /// <value>Added to the root of the squares; above 0. Default 1e-8.</value>
    public double Epsilon
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Epsilon), value, "above 0");
    } = 1e-8;

    /// <value>Share of the weights, times the learning rate, taken off each step; 0 or more. Default 0.</value>
    public double WeightDecay
    {
        get;
        init => field = double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(WeightDecay), value, "0 or more");
    }

    /// <value>Whether its state takes a byte a number instead of four (<see cref="AdamW8"/>). Default <c>false</c>.</value>
    public bool EightBit { get; init; }

    private static double Decay(double value, string name) =>
        value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(name, value, "0 up to below 1");
}
