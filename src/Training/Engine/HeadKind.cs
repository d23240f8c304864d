namespace AgentKit.Training.Engine;

/// <summary>What a trained vector beside an adapter says.</summary>
internal enum HeadKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>How good a whole sample is.</summary>
    Score,

    /// <summary>What is still to be earned before each prediction.</summary>
    Value,
}
