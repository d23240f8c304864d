using System.Text.Json.Serialization;

namespace AgentKit.Eval.Subjects;

/// <summary>How likely a model found a continuation.</summary>
/// <param name="LogProbabilities">ln p of each token of the continuation, given all before it.</param>
/// <param name="IsGreedy">Whether the model would have written it: each token is the most likely one.</param>
public sealed record ContinuationScore(IReadOnlyList<double> LogProbabilities, bool IsGreedy)
{
    /// <summary>The tokens; empty where they are not known.</summary>
    public IReadOnlyList<int> Tokens { get; init; } = [];

    /// <summary>ln p of the whole continuation, in nats.</summary>
    [JsonIgnore]
    public double LogLikelihood => LogProbabilities.Sum();
}
