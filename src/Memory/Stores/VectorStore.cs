namespace AgentKit.Memory.Stores;

/// <summary>
/// Where records with vectors are kept. All stores keep the same promises (docs/memory.md); one is chosen by <c>VectorStores.Open</c> or
/// made directly. Names follow Microsoft.Extensions.VectorData, with two differences: every read and write names its <see cref="MemoryScope"/>, and
/// filters are data. Safe for concurrent use.
/// </summary>
public abstract class VectorStore : IAsyncDisposable
{
    private protected VectorStore()
    {
    }

    /// <summary>Which store this is: <c>sqlite</c>, <c>memory</c>, <c>postgresql</c>, <c>qdrant</c>.</summary>
    public abstract string SystemName { get; }

    /// <summary>A collection, which need not exist yet: nothing is read or written.</summary>
    /// <param name="definition">Its name and the shape of its records.</param>
    public abstract VectorStoreCollection GetCollection(VectorStoreCollectionDefinition definition);

    /// <summary>The names of the collections, sorted.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    public abstract Task<IReadOnlyList<string>> ListCollectionNamesAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes it.</summary>
    public abstract ValueTask DisposeAsync();
}
