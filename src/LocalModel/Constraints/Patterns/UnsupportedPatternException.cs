namespace AgentKit.Models.Constraints.Patterns;

/// <summary>
/// A regular expression uses something that no automaton of ours can do; caught where the pattern is read and turned into a warning.
/// </summary>
internal sealed class UnsupportedPatternException(string message) : Exception(message);
