namespace AgentKit.Training.Data;

/// <summary>A row as the model reads it.</summary>
/// <param name="Line">Line of the data file the row begins on, from 1.</param>
/// <param name="Tokens">The tokens, [tokens].</param>
/// <param name="Weights">
/// How much the prediction of each token counts, [tokens]: 0 for what others wrote; the first is 0, since nothing predicts it.
/// </param>
public sealed record TrainingSample(int Line, int[] Tokens, double[] Weights)
{
    /// <value>Whether the model should write so; only KTO learns from samples where it should not.</value>
    public bool Desirable { get; init; } = true;

    /// <summary>Number of tokens whose prediction counts.</summary>
    public int TrainedTokens => Weights.Count(weight => weight > 0);
}
