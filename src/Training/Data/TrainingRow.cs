namespace AgentKit.Training.Data;

/// <summary>One usable row of a data file.</summary>
/// <param name="Line">Line of the file on which the row begins, from 1.</param>
public abstract record TrainingRow(int Line);
