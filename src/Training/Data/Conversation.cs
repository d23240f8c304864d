using Microsoft.Extensions.AI;

namespace AgentKit.Training.Data;

/// <summary>Messages to learn from, with the tools that the model was offered.</summary>
/// <param name="Messages">In order; never empty.</param>
/// <param name="Weights">How much each message counts: 0 for what others said, 1 for what the assistant said unless the row says otherwise.</param>
/// <param name="Tools">The tools; empty when there were none.</param>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<double> Weights, IReadOnlyList<AITool> Tools);
