using AgentKit.Training.Data;

namespace AgentKit.Training.Runs;

/// <summary>Rows of one of a run's files that are not there as they were written.</summary>
/// <param name="Field">The setting that names the file, such as <c>eval_data</c> or <c>mix[0].data</c>.</param>
/// <param name="File">The file.</param>
/// <param name="BadRows">Rows that were left out.</param>
/// <param name="LongLines">Lines of rows that were skipped or cut for their length.</param>
public sealed record LeftOutRows(string Field, string File, IReadOnlyList<RowFault> BadRows, IReadOnlyList<int> LongLines);
