using AgentKit.Kernel.Errors;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>
/// Records in one SQLite file. What a write has acknowledged is on the disk; several processes may use one file; what is removed is overwritten in
/// the file and its log. Keyword search is FTS5 with a table for each scope. Vectors of searched scopes are held in memory, those that were
/// searched last up to 512 MiB, and compared exactly.
/// </summary>
public sealed class SqliteVectorStore : VectorStore
{
    private const long MostBytes = 512L * 1024 * 1024;

    private readonly string _path;
    private readonly ScopeVectorCache _vectors = new(MostBytes);

    private SqliteVectorStore(string path) => _path = path;

    /// <inheritdoc/>
    public override string SystemName => "sqlite";

    /// <summary>Opens a store; creates the file and its folder where they are missing.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserInputException">The path is a folder, another database, not writable, or of a newer format.</exception>
    public static SqliteVectorStore Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path = Path.GetFullPath(path);
        StoreFile.Format.Ensure(path);
        return new SqliteVectorStore(path);
    }

    /// <inheritdoc/>
    public override VectorStoreCollection GetCollection(VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new SqliteCollection(_path, _vectors, definition);
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<string>> ListCollectionNamesAsync(CancellationToken cancellationToken = default)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(_path);
        using SqliteCommand command = StoreFile.Command(connection, "SELECT name FROM collections ORDER BY name");
        using SqliteDataReader row = command.ExecuteReader();
        var names = new List<string>();
        while (row.Read()) names.Add(row.GetString(0));
        return Task.FromResult<IReadOnlyList<string>>(names);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        SqliteFile.ClosePool(_path);
        return ValueTask.CompletedTask;
    }
}
