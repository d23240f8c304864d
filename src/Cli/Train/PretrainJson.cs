namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train pretrain</c>.</summary>
internal sealed record PretrainJson(
    int Steps, long Tokens, double TokensPerSecond, double LossFirst, double LossLast, IReadOnlyDictionary<string, double> Metrics, string Model, double Seconds,
    long Parameters, long NonEmbeddingParameters, int Vocabulary, int? BestStep = null, bool? StoppedEarly = null);
