using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rollouts;

/// <summary>A prompt as the model reads it.</summary>
/// <param name="Line">Line of the data file.</param>
/// <param name="Conversation">The messages and tools.</param>
/// <param name="Expected">The row's <c>reward</c> object.</param>
/// <param name="Text">Rendered, up to where the answer begins.</param>
/// <param name="Tokens">The text's tokens.</param>
internal sealed record RolloutPrompt(int Line, Conversation Conversation, JsonElement Expected, string Text, int[] Tokens);
