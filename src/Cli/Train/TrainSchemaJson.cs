namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train schema --out FILE --json</c>.</summary>
internal sealed record TrainSchemaJson(string Out);
