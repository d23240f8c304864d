namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// One entry of the stack: where to go on when the rule or body above it ends. Frames are shared: equal content below an equal frame is the
/// same object, so configurations compare by reference.
/// </summary>
/// <param name="id">The order of creation, for sorting.</param>
/// <param name="parent">The rest of the stack.</param>
/// <param name="node">The node to go on at, or the loop whose body is running.</param>
/// <param name="value">The loop's value while its body runs; <c>null</c> for a call.</param>
/// <param name="cost">The fewest bytes that the whole stack still needs.</param>
internal sealed class Frame(long id, Frame? parent, int node, LoopValue? value, int cost)
{
    internal long Id { get; } = id;

    internal Frame? Parent { get; } = parent;

    internal int Node { get; } = node;

    internal LoopValue? Value { get; } = value;

    internal int Cost { get; } = cost;

    /// <summary>
    /// The frame that stands for this one where distant ends of loops are not told apart; written under the machine's lock.
    /// </summary>
    internal CanonicalFrame? Canonical { get; set; }
}

/// <summary>A frame that allows and forbids the same within <paramref name="Reach"/> bytes.</summary>
internal sealed record CanonicalFrame(Frame Frame, int Reach);

/// <summary>A position in a grammar: a node about to consume a byte, and the stack below it.</summary>
internal readonly record struct Configuration(int Node, Frame? Stack);
