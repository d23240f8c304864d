using AgentKit.Kernel.Errors;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Memory.Stores.Postgres;
using AgentKit.Memory.Stores.Qdrant;
using AgentKit.Memory.Stores.Sqlite;

namespace AgentKit.Memory.Stores;

/// <summary>Chooses a store by its address.</summary>
public static class VectorStores
{
    /// <summary>Opens a store.</summary>
    /// <param name="address">
    /// <c>memory</c>; <c>postgres://user:password@host/database</c>; <c>http://host:6333</c> or <c>https://host</c> for Qdrant; else the path of a SQLite file.
    /// </param>
    /// <param name="apiKey">Qdrant's key, when it wants one.</param>
    /// <exception cref="UserInputException">The address is none.</exception>
    public static VectorStore Open(string address, string? apiKey = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        if (address == "memory") return new InMemoryVectorStore();
        string[] parts = address.Split("://", 2);
        return parts.Length == 1 ? SqliteVectorStore.Open(address) : parts[0] switch
        {
            "postgres" or "postgresql" => PostgresVectorStore.Open(address),
            "http" or "https" => QdrantVectorStore.Open(address, apiKey),
            _ => throw new UserInputException("store", $"A store begins with '{parts[0]}://'; memory, postgres://…, http://… (Qdrant) or a file is allowed."),
        };
    }
}
