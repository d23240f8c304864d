namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Places where a condition begins to hold or must be checked that no automaton can hold: names or items that must differ from each other.
/// A state carries the marks that were passed on the way to it.
/// </summary>
[Flags]
internal enum DistinctMark
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A JSON object or array was opened by the last byte; its names or items must be distinct.</summary>
    Opened = 1,

    /// <summary>A name or item may have ended with the last byte.</summary>
    Ended = 2,
}
