using System.Text.Json;

namespace AgentKit.Training.Data;

/// <summary>A conversation for the model to go on, and what its answer is rewarded by.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Prompt">Ends with a message that is not the assistant's.</param>
/// <param name="Reward">The row's field <c>reward</c>, for example <c>{"number": 42}</c>.</param>
public sealed record PromptRow(int Line, Conversation Prompt, JsonElement Reward) : TrainingRow(Line);
