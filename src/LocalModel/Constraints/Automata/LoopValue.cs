namespace AgentKit.Models.Constraints.Automata;

/// <summary>What a loop remembers between iterations; the stack of a configuration carries it, so equal values share states.</summary>
/// <param name="Count">Iterations begun.</param>
/// <param name="Mark">A second number, with a meaning of the loop's own.</param>
/// <param name="Separated">The last body was the separator, so an item must follow.</param>
/// <param name="Seen">Which items were used.</param>
internal readonly record struct LoopValue(int Count, int Mark = 0, bool Separated = false, UInt128 Seen = default);
