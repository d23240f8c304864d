namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>What a block is, and so where it may be cut.</summary>
internal enum BlockKind
{
    /// <summary>Sentences.</summary>
    Prose,

    /// <summary>Lines that stand for themselves: code, tables, records.</summary>
    Lines,

    /// <summary>A title; belongs to what follows.</summary>
    Heading,
}
