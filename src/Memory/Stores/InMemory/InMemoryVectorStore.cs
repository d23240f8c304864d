using System.Collections.Concurrent;

namespace AgentKit.Memory.Stores.InMemory;

/// <summary>Records in the memory of the process: for tests, and for what need not outlive it. Searches look at every record of the scope.</summary>
public sealed class InMemoryVectorStore : VectorStore
{
    private readonly ConcurrentDictionary<string, InMemoryCollection.Content> _collections = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string SystemName => "memory";

    /// <inheritdoc/>
    public override VectorStoreCollection GetCollection(VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new InMemoryCollection(_collections, definition);
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ListCollectionNamesAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. _collections.Keys.Order(StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _collections.Clear();
        return ValueTask.CompletedTask;
    }
}
