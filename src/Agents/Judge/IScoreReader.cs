using Microsoft.Extensions.AI;

namespace AgentKit.Agents.Judge;

/// <summary>Reads from a response how likely its model found other beginnings of a token; models differ in how they tell.</summary>
public interface IScoreReader
{
    /// <summary>Asks a model to tell probabilities with its answer.</summary>
    /// <param name="options">The options so far.</param>
    ChatOptions Request(ChatOptions options);

    /// <summary>
    /// The texts the model could have written in place of each token, with their natural log-probabilities; empty when it does not tell.
    /// </summary>
    /// <param name="response">The response.</param>
    /// <returns>One list for each token: first the token that was written, then alternatives.</returns>
    IReadOnlyList<IReadOnlyList<(string Text, double LogProbability)>> Read(ChatResponse response);
}
