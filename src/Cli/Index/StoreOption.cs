using System.CommandLine;
using AgentKit.Memory.Stores;

namespace AgentKit.Cli.Index;

/// <summary>Which store a command is about.</summary>
internal static class StoreOption
{
    private const string Addresses = "postgres://user:password@host/database, http://host:6333 (Qdrant; key in QDRANT_API_KEY), or a file (SQLite).";

    public static readonly Option<string> Needed = new("--store")
    {
        Description = $"The store: {Addresses}",
        HelpName = "address",
        Required = true,
    };

    public static readonly Option<string?> Instead = new("--store")
    {
        Description = $"Search what 'index publish' brought into a store, instead of the file on this machine: {Addresses}",
        HelpName = "address",
    };

    public static VectorStore Open(string address) => VectorStores.Open(address, Environment.GetEnvironmentVariable("QDRANT_API_KEY"));
}
