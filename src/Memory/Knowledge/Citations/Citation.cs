namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>A hit that an answer rests on, with the words of it that the answer repeats.</summary>
/// <param name="Number">The number by which the answer names it.</param>
/// <param name="Passage">The hit.</param>
/// <param name="Quote">What claim and passage share, as the passage has it.</param>
/// <param name="Start">The quote's first character in the document.</param>
/// <param name="End">The character behind its last.</param>
public sealed record Citation(int Number, Hit Passage, string Quote, int Start, int End);
