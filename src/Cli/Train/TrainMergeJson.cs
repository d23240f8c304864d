namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train merge --json</c>.</summary>
internal sealed record TrainMergeJson(string Output, int Matrices, long Bytes, double Rounding, double Seconds);
