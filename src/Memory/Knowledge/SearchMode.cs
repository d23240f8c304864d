namespace AgentKit.Memory.Knowledge;

/// <summary>What a search compares.</summary>
public enum SearchMode
{
    /// <summary>Words and vectors, fused.</summary>
    Hybrid,

    /// <summary>Vectors.</summary>
    Dense,

    /// <summary>Words.</summary>
    Keyword,
}
