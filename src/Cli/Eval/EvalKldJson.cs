namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval kld --json</c>.</summary>
internal sealed record EvalKldJson(
    string Model,
    string Base,
    double KldMean,
    double KldStderr,
    double[] Ci95,
    IReadOnlyDictionary<string, double> KldPercentiles,
    double Top1Agreement,
    double PplRatio,
    double Ppl,
    double PplBase,
    double DeltaPRms,
    double DeltaPMean,
    int TokensScored,
    int Chunks,
    int NCtx,
    string DatasetSha256,
    double Seconds,
    string Signature);
