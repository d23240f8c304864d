namespace AgentKit.Training.Data;

/// <summary>A row of a data file that cannot be used.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
/// <param name="Message">The field, what was found and what is allowed.</param>
public sealed record RowFault(int Line, string Message);
