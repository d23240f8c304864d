namespace AgentKit.Training.Tokenization;

/// <summary>How far the training of a vocabulary has come.</summary>
/// <param name="Merging">Whether words are counted still (in bytes) or merged already (in tokens).</param>
/// <param name="Done">Done so far.</param>
/// <param name="Total">The whole.</param>
public sealed record BpeProgress(bool Merging, long Done, long Total);
