using AgentKit.Memory.Knowledge;
using AgentKit.Models;

namespace AgentKit.Cli.Index;

/// <summary>
/// Orders hits by a model: one that was trained to rank gives its own scores; any other the mean log-likelihood of the query's tokens behind the
/// passage (Sachan et al. 2022, equation 2).
/// </summary>
internal sealed class ModelReranker(LocalModel model) : IReranker
{
    private const string Between = "\n\nA question that this passage answers:\n";

    public async ValueTask<IReadOnlyList<double>> ScoreAsync(string query, IReadOnlyList<Hit> hits, CancellationToken cancellationToken = default)
    {
        string[] passages = [.. hits.Select(hit => hit.Heading.Length > 0 ? $"{hit.Heading}\n{hit.Text}" : hit.Text)];
        if (model.Info.IsReranker) return [.. (await model.RerankAsync(query, passages, cancellationToken)).Select(score => (double)score)];
        int[] wanted = model.Tokenizer.Encode(query);
        var scores = new List<double>();
        foreach (string passage in passages)
        {
            int[] before = model.Tokenizer.Encode(passage + Between, addSpecial: true);
            IReadOnlyList<TokenLogProbability> tokens = await model.ScoreAsync([.. before, .. wanted], before.Length, cancellationToken: cancellationToken);
            scores.Add(tokens.Average(token => token.LogProbability));
        }

        return scores;
    }
}
