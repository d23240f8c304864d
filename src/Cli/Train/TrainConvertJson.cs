namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train export --json</c> and <c>train import --json</c>.</summary>
internal sealed record TrainConvertJson(string Output, int Matrices);
