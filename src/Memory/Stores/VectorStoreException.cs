namespace AgentKit.Memory.Stores;

/// <summary>A store did not do what it was asked to: it cannot be reached, or says no.</summary>
public sealed class VectorStoreException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="system">Which store: <c>postgresql</c>, <c>qdrant</c>.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="operation">What was to be done.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Its cause.</param>
    public VectorStoreException(string system, string collection, string operation, string message, Exception? innerException = null)
        : base($"{system}, collection {collection}, {operation}: {message}", innerException) =>
        (VectorStoreSystemName, CollectionName, OperationName) = (system, collection, operation);

    /// <summary>Which store.</summary>
    public string VectorStoreSystemName { get; }

    /// <summary>The collection.</summary>
    public string CollectionName { get; }

    /// <summary>What was to be done.</summary>
    public string OperationName { get; }
}
