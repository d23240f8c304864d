namespace AgentKit.Models.Engine;

/// <summary>Why a sequence ended.</summary>
internal enum GenerationEnd
{
    /// <summary>The model ended its turn.</summary>
    EndOfTurn,

    /// <summary>A stop text appeared.</summary>
    StopText,

    /// <summary>The requested number of tokens was reached.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,

    /// <summary>All given tokens have their log-probabilities.</summary>
    Scored,
}
