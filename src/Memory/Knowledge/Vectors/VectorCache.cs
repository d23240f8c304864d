using System.Runtime.InteropServices;
using AgentKit.Kernel.Errors;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// The vector files of a knowledge file's scopes. What lies in the database counts: a file of another generation is made anew. Files that
/// searches still use are closed when the last of them is done.
/// </summary>
internal sealed class VectorCache(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Entry> _entries = [];

    /// <summary>The vectors of a scope in one generation, to be given back.</summary>
    /// <param name="connection">A connection that sees this generation.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="generation">The generation.</param>
    public Lease Rent(SqliteConnection connection, long scope, long generation)
    {
        lock (_gate)
        {
            if (_entries.GetValueOrDefault(scope) is { } known && known.Generation == generation) return new Lease(this, known);
            Entry entry = new(Load(connection, scope, generation), generation);
            if (_entries.Remove(scope, out Entry? old)) Release(old);
            _entries.Add(scope, entry);
            return new Lease(this, entry);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values) Release(entry);
            _entries.Clear();
        }
    }

    private VectorFile Load(SqliteConnection connection, long scope, long generation)
    {
        string file = $"{path}-vectors-{scope}";
        if (VectorFile.TryOpen(file, generation) is { } current) return current;
        (int count, int dimensions) = Measure(connection, scope);
        VectorFile.Write(file, generation, dimensions, count, () => Rows(connection, scope, dimensions));
        return VectorFile.TryOpen(file, generation) ?? throw new IOException($"{file} was changed while it was opened.");
    }

    private static (int Count, int Dimensions) Measure(SqliteConnection connection, long scope)
    {
        using SqliteCommand command = Select(connection, "count(*), max(length(v.vector))", scope, "");
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        return (row.GetInt32(0), row.IsDBNull(1) ? 1 : row.GetInt32(1) / sizeof(float));
    }

    private static IEnumerable<(long Id, float[] Vector)> Rows(SqliteConnection connection, long scope, int dimensions)
    {
        using SqliteCommand command = Select(connection, "v.chunk, v.vector", scope, "ORDER BY v.chunk");
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            float[] vector = MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(1)).ToArray();
            if (vector.Length != dimensions)
                throw new UserInputException("Embedder", $"The vectors of this knowledge have {vector.Length} and {dimensions} dimensions: add the documents with one embedder.");
            yield return (row.GetInt64(0), vector);
        }
    }

    private static SqliteCommand Select(SqliteConnection connection, string columns, long scope, string order)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {columns} FROM vectors v JOIN chunks c ON c.id = v.chunk JOIN documents d ON d.id = c.document WHERE d.scope = $scope {order}";
        command.Parameters.AddWithValue("$scope", scope);
        return command;
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users == 0) entry.File.Dispose();
        }
    }

    /// <param name="file">The vectors.</param>
    /// <param name="generation">Their generation.</param>
    internal sealed class Entry(VectorFile file, long generation)
    {
        public VectorFile File => file;

        public long Generation => generation;

        /// <summary>The cache itself counts as one.</summary>
        public int Users { get; set; } = 1;
    }

    /// <summary>Keeps a file open.</summary>
    internal sealed class Lease : IDisposable
    {
        private readonly VectorCache _owner;
        private readonly Entry _entry;

        internal Lease(VectorCache owner, Entry entry)
        {
            (_owner, _entry) = (owner, entry);
            entry.Users++;
        }

        public VectorFile File => _entry.File;

        public void Dispose() => _owner.Release(_entry);
    }
}
