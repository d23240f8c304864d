namespace AgentKit.Eval.Tasks.Sources;

/// <summary>A repository that data sets are published in, at the revision whose files the checksums are of.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Revision">A commit.</param>
/// <param name="Licence">The licence of the data.</param>
/// <param name="Files">The files that tasks need.</param>
public sealed record DataSource(string Repository, string Revision, string Licence, IReadOnlyList<DataFile> Files);
