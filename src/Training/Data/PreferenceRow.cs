namespace AgentKit.Training.Data;

/// <summary>Two endings of one conversation, one of them preferred. Only the endings count.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Chosen">The whole conversation with the preferred ending.</param>
/// <param name="Rejected">The whole conversation with the other ending.</param>
public sealed record PreferenceRow(int Line, Conversation Chosen, Conversation Rejected) : TrainingRow(Line);
