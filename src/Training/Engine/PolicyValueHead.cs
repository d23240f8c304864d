namespace AgentKit.Training.Engine;

/// <summary>
/// Log-probabilities of a pack's predictions and, behind them, what a value head expects before each: both from one pass through the blocks, and one way back
/// (Schulman et al. 2017, section 5, with shared parameters).
/// </summary>
/// <param name="policy">The log-probabilities.</param>
/// <param name="values">A number for each prediction, from the state that makes it.</param>
internal sealed class PolicyValueHead(LogitHead policy, ScoreHead values) : IPackHead
{
    /// <summary>[2 · predictions]</summary>
    public double[] Outputs(nint output) => [.. policy.Outputs(output), .. values.Outputs(output)];

    /// <inheritdoc/>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        int predictions = coefficients.Length / 2;
        policy.AddSlope(output, slope, coefficients[..predictions]);
        values.AddSlope(output, slope, coefficients[predictions..]);
    }

    public void Dispose()
    {
        policy.Dispose();
        values.Dispose();
    }
}
