namespace AgentKit.Training.Engine;

/// <summary>One sample in a pack, as attention sees it.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="Tokens">How many it has.</param>
/// <param name="Mask">Tensor [tokens, tokens], added to scores: 0 for a token itself and those before it, −∞ for those after it.</param>
internal readonly record struct AttentionSpan(long Start, long Tokens, nint Mask);
