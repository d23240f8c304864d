namespace AgentKit.Models.Constraints.Automata;

/// <summary>What a node of a grammar's program does.</summary>
internal enum NodeKind
{
    /// <summary>Consumes one byte and goes on along the edges that contain it.</summary>
    Bytes,

    /// <summary>Goes on at every target without consuming anything.</summary>
    Split,

    /// <summary>Runs a rule, then goes on.</summary>
    Call,

    /// <summary>Runs bodies as its loop says, then goes on.</summary>
    Loop,

    /// <summary>Goes on, and marks the state.</summary>
    Mark,

    /// <summary>The end of a rule or of a loop's body.</summary>
    End,
}

/// <summary>An edge that consumes one byte between <paramref name="Low"/> and <paramref name="High"/>.</summary>
internal readonly record struct ByteEdge(byte Low, byte High, int Target);

/// <summary>One node of a grammar's program: a recursive transition network over bytes.</summary>
internal sealed class Node(NodeKind kind)
{
    internal NodeKind Kind { get; } = kind;

    /// <summary>Of <see cref="NodeKind.Bytes"/>.</summary>
    internal ByteEdge[] Edges { get; set; } = [];

    /// <summary>Where <see cref="NodeKind.Split"/> goes on; the starts of the bodies of <see cref="NodeKind.Loop"/>.</summary>
    internal int[] Targets { get; set; } = [];

    /// <summary>The rule that <see cref="NodeKind.Call"/> runs.</summary>
    internal int Rule { get; init; }

    /// <summary>Where <see cref="NodeKind.Call"/>, <see cref="NodeKind.Loop"/> and <see cref="NodeKind.Mark"/> go on.</summary>
    internal int Next { get; init; }

    /// <summary>Of <see cref="NodeKind.Mark"/>.</summary>
    internal DistinctMark Mark { get; init; }

    /// <summary>Of <see cref="NodeKind.Loop"/>.</summary>
    internal Loop? Loop { get; init; }

    /// <summary>The fewest bytes of each body of <see cref="NodeKind.Loop"/>.</summary>
    internal int[] BodyCosts { get; set; } = [];
}
