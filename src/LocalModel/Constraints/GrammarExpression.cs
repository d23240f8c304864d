using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints;

/// <summary>
/// A piece of a grammar, made by the combinators of <see cref="Grammar"/>. Immutable, except that a <see cref="GrammarRule"/> is defined
/// once after it is made.
/// </summary>
public abstract class GrammarExpression
{
    private protected GrammarExpression()
    {
    }

    /// <summary>These very bytes.</summary>
    internal sealed class Bytes(byte[] value) : GrammarExpression
    {
        internal byte[] Value { get; } = value;
    }

    /// <summary>One byte of a set.</summary>
    internal sealed class OneByte(IReadOnlyList<(byte Low, byte High)> ranges) : GrammarExpression
    {
        internal IReadOnlyList<(byte Low, byte High)> Ranges { get; } = ranges;
    }

    /// <summary>One character of a set, as UTF-8.</summary>
    internal sealed class OneCharacter(CharSet set) : GrammarExpression
    {
        internal CharSet Set { get; } = set;
    }

    /// <summary>All items, one after the other; no items match the empty text.</summary>
    internal sealed class InOrder(GrammarExpression[] items) : GrammarExpression
    {
        internal GrammarExpression[] Items { get; } = items;
    }

    /// <summary>Any one of the items; no items match nothing at all.</summary>
    internal sealed class AnyOf(GrammarExpression[] items) : GrammarExpression
    {
        internal GrammarExpression[] Items { get; } = items;
    }

    /// <summary>Iterations governed by a <see cref="Automata.Loop"/>; each iteration runs one of the bodies.</summary>
    internal sealed class Looped(Loop loop, GrammarExpression[] bodies) : GrammarExpression
    {
        internal Loop Loop { get; } = loop;

        internal GrammarExpression[] Bodies { get; } = bodies;
    }

    /// <summary>Nothing, but the state remembers that this place was passed.</summary>
    internal sealed class Marked(DistinctMark mark) : GrammarExpression
    {
        internal DistinctMark Mark { get; } = mark;
    }

    /// <summary>A text of a deterministic automaton; <paramref name="encode"/> says how a character of it is written.</summary>
    internal sealed class OfAutomaton(Dfa automaton, Func<CharSet, GrammarExpression> encode) : GrammarExpression
    {
        internal Dfa Automaton { get; } = automaton;

        internal Func<CharSet, GrammarExpression> Encode { get; } = encode;
    }
}
