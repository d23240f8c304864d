namespace AgentKit.Training.Data;

/// <summary>A conversation whose ending is good or bad, for KTO. Only the ending counts.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Conversation">The whole conversation.</param>
/// <param name="Desirable">Whether the model should answer so.</param>
public sealed record VerdictRow(int Line, Conversation Conversation, bool Desirable) : TrainingRow(Line);
