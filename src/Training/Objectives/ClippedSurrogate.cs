namespace AgentKit.Training.Objectives;

/// <summary>The clipped policy gradient of one token (Schulman et al. 2017, PPO, equation 7), as a loss.</summary>
internal static class ClippedSurrogate
{
    /// <summary>−min(ρA, clip(ρ, 1 − low, 1 + high)·A) with ρ = π/π_old, and its derivative by log π.</summary>
    public static (double Value, double Slope) Of(double logProbability, double old, double advantage, double low, double high)
    {
        double ratio = Math.Exp(logProbability - old);
        double free = ratio * advantage, clipped = Math.Clamp(ratio, 1 - low, 1 + high) * advantage;
        return free <= clipped ? (-free, -free) : (-clipped, 0);
    }
}
