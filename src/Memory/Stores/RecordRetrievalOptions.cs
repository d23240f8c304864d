namespace AgentKit.Memory.Stores;

/// <summary>What is read of a record.</summary>
public sealed record RecordRetrievalOptions
{
    /// <summary>Whether vectors are read too.</summary>
    public bool IncludeVectors { get; init; }
}
