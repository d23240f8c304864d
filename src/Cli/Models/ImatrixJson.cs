namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model imatrix --json</c>.</summary>
internal sealed record ImatrixJson(
    string Output,
    int Entries,
    int Chunks,
    int ResumedFrom,
    int NCtx,
    int Tokens,
    string DatasetSha256,
    IReadOnlyList<string> WithoutData,
    double Seconds);
