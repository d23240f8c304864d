namespace AgentKit.Training.Engine;

/// <summary>What an objective is given of a pack, and the way back from its derivatives.</summary>
internal interface IPackHead : IDisposable
{
    /// <summary>A number for each prediction, or for each sample.</summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    double[] Outputs(nint output);

    /// <summary>Adds the derivative of Σ c·output by the last block's output, and by the head's own trained weights.</summary>
    /// <param name="output">The last block's output.</param>
    /// <param name="slope">The sum it is added to, of the same shape.</param>
    /// <param name="coefficients">c for each of <see cref="Outputs"/>.</param>
    void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients);
}
