namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval ppl --json</c>.</summary>
internal sealed record EvalPplJson(
    string Model,
    string Mode,
    double Ppl,
    double PplStderr,
    double[] Ci95,
    double Nll,
    int Tokens,
    int TokensScored,
    int Chunks,
    int NCtx,
    bool Bos,
    int Parallel,
    string DatasetSha256,
    double? WordPpl,
    double? BytePpl,
    double? BitsPerByte,
    IReadOnlyList<EvalPplJson.Baseline> Baselines,
    double? BatchingDifference,
    double Seconds,
    string Signature)
{
    /// <summary>An n-gram model on the same tokens.</summary>
    internal sealed record Baseline(string Name, int Order, double Ppl);
}
