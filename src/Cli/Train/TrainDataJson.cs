using AgentKit.Training.Data;

namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train data --json</c>.</summary>
internal sealed record TrainDataJson(
    string Kind, int Rows, IReadOnlyList<RowFault> Bad, int? Samples, long? Tokens, long? TrainedTokens, LengthStatistics? Lengths, IReadOnlyList<int>? LongLines, string Sha256);
