namespace AgentKit.Models.Engine;

/// <summary>New output of a sequence; the last one carries the end.</summary>
/// <param name="Text">New text, possibly empty.</param>
/// <param name="End">Why generation ended, on the last update.</param>
internal readonly record struct GenerationUpdate(string Text, GenerationEnd? End)
{
    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that needed no computation.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens generated so far, the end token included.</summary>
    public int OutputTokens { get; init; }

    /// <summary>Tokens that made room in a full context.</summary>
    public int DroppedTokens { get; init; }

    /// <summary>Tokens that were guessed and checked.</summary>
    public int DraftedTokens { get; init; }

    /// <summary>Guesses that were right.</summary>
    public int AcceptedTokens { get; init; }

    /// <summary>On the last update: of each token, when asked for.</summary>
    public IReadOnlyList<TokenLogProbability> LogProbabilities { get; init; } = [];
}
