using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Patterns;

/// <summary>A piece of a regular expression.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether an anchor stands somewhere inside.</summary>
    internal abstract bool HasAnchor { get; }

    /// <summary>One character.</summary>
    internal sealed record One(CharSet Set) : PatternNode
    {
        internal override bool HasAnchor => false;
    }

    /// <summary>One after the other.</summary>
    internal sealed record InOrder(IReadOnlyList<PatternNode> Items) : PatternNode
    {
        internal override bool HasAnchor { get; } = Items.Any(i => i.HasAnchor);
    }

    /// <summary>One of several.</summary>
    internal sealed record AnyOf(IReadOnlyList<PatternNode> Items) : PatternNode
    {
        internal override bool HasAnchor { get; } = Items.Any(i => i.HasAnchor);
    }

    /// <summary>Again and again.</summary>
    internal sealed record Repeated(PatternNode Item, int Minimum, int? Maximum) : PatternNode
    {
        internal override bool HasAnchor { get; } = Item.HasAnchor;
    }

    /// <summary><c>^</c> or <c>$</c>.</summary>
    internal sealed record Anchor(bool IsStart) : PatternNode
    {
        internal override bool HasAnchor => true;
    }

    /// <summary><c>(?=…)</c> or <c>(?!…)</c>.</summary>
    internal sealed record LookAhead(PatternNode Item, bool IsNegative) : PatternNode
    {
        internal override bool HasAnchor => true;
    }
}
