namespace AgentKit.Memory.Knowledge;

/// <summary>Looks at query and chunk together, which is slower and more exact than comparing them apart. Sees hits of the searched scope only.</summary>
public interface IReranker
{
    /// <summary>Scores hits.</summary>
    /// <param name="query">The query.</param>
    /// <param name="hits">The hits, best first so far.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>A score for each, larger is better.</returns>
    ValueTask<IReadOnlyList<double>> ScoreAsync(string query, IReadOnlyList<Hit> hits, CancellationToken cancellationToken = default);
}
