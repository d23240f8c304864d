using AgentKit.Agents.Judge;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>Lets a judge that runs on a local model weigh its score by the probabilities of its tokens.</summary>
public sealed class LocalScoreReader : IScoreReader
{
    /// <summary>Enough to hold all digits, with and without a space before them.</summary>
    private const int Alternatives = 20;

    /// <inheritdoc/>
    public ChatOptions Request(ChatOptions options) => new LocalChatOptions { TopLogProbabilities = Alternatives }.AddTo(options);

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<(string Text, double LogProbability)>> Read(ChatResponse response) =>
    [
        .. (LocalResponseDetails.Of(response)?.LogProbabilities ?? []).Select(token =>
            (IReadOnlyList<(string, double)>)[(token.Text, token.LogProbability), .. token.Alternatives.Where(
                other => other.Token != token.Token).Select(other => (other.Text, other.LogProbability))])
    ];
}
