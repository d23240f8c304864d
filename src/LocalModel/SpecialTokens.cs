namespace AgentKit.Models;

/// <summary>The tokens of a vocabulary that are not ordinary text.</summary>
/// <param name="ByText">Control and user-defined tokens by their text.</param>
/// <param name="Control">Tokens that structure a conversation and are not shown to users.</param>
/// <param name="EndOfGeneration">Tokens that end the model's turn.</param>
internal sealed record SpecialTokens(
    IReadOnlyDictionary<string, int> ByText, IReadOnlySet<int> Control, IReadOnlySet<int> EndOfGeneration);
