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
    /// <param name="embedder">What makes the scope's vectors.</param>
    public Lease Rent(SqliteConnection connection, long scope, long generation, string embedder)
    {
        lock (_gate)
        {
            if (_entries.GetValueOrDefault(scope) is { } known && known.Generation == generation) return new Lease(this, known);
            Entry entry = new(Load(connection, scope, generation, embedder), generation);
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

    private VectorFile Load(SqliteConnection connection, long scope, long generation, string embedder)
    {
        string file = $"{path}-vectors-{scope}";
        VectorFile? before = VectorFile.TryOpen(file, embedder);
        if (before?.Generation == generation) return before;
        using (before)
        {
            var rows = new VectorRows(connection, scope, embedder, before);
            VectorFile.Write(file, embedder, generation, rows.Dimensions, rows.Count, rows.Read());
        }

        VectorFile? made = VectorFile.TryOpen(file, embedder);
        if (made?.Generation == generation) return made;
        made?.Dispose();
        throw new IOException($"{file} was changed while it was opened.");
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
