namespace AgentKit.Training.Data;

/// <summary>A row cannot be used; the message names the field, what was found and what is allowed.</summary>
internal sealed class RowException(string message) : Exception(message);
