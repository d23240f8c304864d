namespace AgentKit.Tools.BuiltIn.Facts;

/// <summary>Where the tools <c>remember</c>, <c>recall</c> and <c>forget</c> keep facts. Implementations are safe for concurrent calls.</summary>
public interface IFactStore
{
    /// <summary>Stores a fact.</summary>
    /// <param name="text">The fact in words.</param>
    /// <param name="key">The call's key; a store that has seen it does nothing again. <c>null</c> when the caller has none.</param>
    /// <param name="cancellationToken">Cancels the storing.</param>
    /// <returns>The fact's id, with which it can be forgotten.</returns>
    ValueTask<string> RememberAsync(string text, string? key, CancellationToken cancellationToken);

    /// <summary>Finds facts that have to do with a query, the best first.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="count">Most facts to return.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    ValueTask<IReadOnlyList<StoredFact>> RecallAsync(string query, int count, CancellationToken cancellationToken);

    /// <summary>Removes a fact.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns><c>false</c> when there is no such fact.</returns>
    ValueTask<bool> ForgetAsync(string id, CancellationToken cancellationToken);
}
