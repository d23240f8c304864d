namespace AgentKit.Training.Data;

/// <summary>A conversation to imitate.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Conversation">With at least one message of the assistant that counts.</param>
public sealed record ChatRow(int Line, Conversation Conversation) : TrainingRow(Line);
