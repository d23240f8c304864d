namespace AgentKit.Cli.Train;

/// <summary>Rows of a file beside the run's own that were left out or cut.</summary>
internal sealed record LeftOutJson(string Field, string File, int BadRows, IReadOnlyList<int> LongLines);
