namespace AgentKit.Models;

/// <summary>A token that could have come in the place of another.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Text">Its text; half a character shows as U+FFFD.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public sealed record TokenAlternative(int Token, string Text, double LogProbability);
