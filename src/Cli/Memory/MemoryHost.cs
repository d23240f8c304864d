using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Facts;
using AgentKit.Memory.Stores;

namespace AgentKit.Cli.Memory;

/// <summary>The facts of the command line: one scope in the store that is chosen.</summary>
internal sealed class MemoryHost : IAsyncDisposable
{
    /// <summary>The environment variable that chooses the store where <c>--store</c> is not given.</summary>
    public const string Variable = "AGENTKIT_STORE";

    public static readonly Option<string?> Store = new("--store")
    {
        Description = $"Where facts are kept: a file, postgres://user:password@host/database, http://host:6333 (Qdrant; key in QDRANT_API_KEY), or memory. "
            + $"[default: ${Variable}, else memory.db in the data directory]",
        HelpName = "address",
    };

    public static readonly Option<string?> AsOf = new("--as-of")
    {
        Description = "What held at this time instead of now: 2026-03-01, or 2026-03-01T12:00:00Z.",
        HelpName = "time",
    };

    private readonly VectorStore _store;

    private MemoryHost(VectorStore store, FactStore facts) => (_store, Facts) = (store, facts);

    /// <summary>The scope of everything the command line remembers.</summary>
    public static MemoryScope Scope { get; } = MemoryScope.Local("facts");

    public FactStore Facts { get; }

    /// <param name="context">The command.</param>
    /// <param name="address">A store; the one of <c>--data</c> when <c>null</c>.</param>
    public static async Task<MemoryHost> OpenAsync(CommandContext context, string? address)
    {
        address ??= Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen ? chosen : Path.Combine(context.Data.Ensure().Path, "memory.db");
        if (string.IsNullOrWhiteSpace(address)) throw new UserInputException(Store.Name, $"{Store.Name} is empty; an address is expected.");
        VectorStore store = VectorStores.Open(address, Environment.GetEnvironmentVariable("QDRANT_API_KEY"));
        try
        {
            FactStore facts = await FactStore.OpenAsync(store, new FactOptions { TimeProvider = context.Time }, context.Stop);
            return new MemoryHost(store, facts);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public static Task<MemoryHost> OpenAsync(CommandContext context) => OpenAsync(context, context.Parse.GetValue(Store));

    /// <exception cref="UserInputException">It is no time.</exception>
    public static DateTimeOffset? ReadTime(CommandContext context)
    {
        if (context.Parse.GetValue(AsOf) is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw new UserInputException(AsOf.Name, $"{AsOf.Name} is '{text}'; a time such as 2026-03-01 or 2026-03-01T12:00:00Z is expected.");
    }

    public async ValueTask DisposeAsync()
    {
        Facts.Dispose();
        await _store.DisposeAsync();
    }
}
