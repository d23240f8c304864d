namespace AgentKit.Cli.Train;

/// <summary>The document of the training commands.</summary>
internal sealed record TrainJson(
    int Steps, long Tokens, double TokensPerSecond, double LossFirst, double LossLast, IReadOnlyDictionary<string, double> Metrics, string Adapter, double Seconds, int Rows,
    int BadRows, IReadOnlyList<int> LongLines, int? BestStep = null, bool? StoppedEarly = null, IReadOnlyList<LeftOutJson>? LeftOut = null);
