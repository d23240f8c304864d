namespace AgentKit.Models.Chat;

/// <summary>One piece of a tool call, in the order in which the model writes them.</summary>
/// <param name="Kind">What stands here.</param>
/// <param name="Text">The text of a literal; empty for every other kind.</param>
public sealed record CallPiece(CallPieceKind Kind, string Text = "");
