namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train scaling</c>.</summary>
internal sealed record ScalingJson(int Runs, double Flops, IReadOnlyList<ScalingLawJson> Laws, string? Out);
