namespace AgentKit.Models;

/// <summary>How likely the model found a token, from its unmodified logits: before penalties, temperature and constraints.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Text">Its text; half a character shows as U+FFFD.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Alternatives">The most likely tokens in its place, most likely first; as many as were asked for.</param>
public sealed record TokenLogProbability(int Token, string Text, double LogProbability, IReadOnlyList<TokenAlternative> Alternatives);
