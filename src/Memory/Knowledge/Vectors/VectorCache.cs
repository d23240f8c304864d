using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Vectors.Graph;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// The vector files of a knowledge file's scopes. What lies in the database counts: a file of another generation is made anew. Files that
/// searches still use are closed when the last of them is done.
/// </summary>
internal sealed class VectorCache(string path) : IDisposable
{
    private const ulong GraphSeed = 1;

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
            if (_entries.GetValueOrDefault(scope) is { } known && known.File.Generation == generation) return new Lease(this, known);
            VectorFile vectors = Load(connection, scope, generation, embedder);
            Entry entry = new(vectors, OpenGraph(vectors, scope, embedder));
            Forget(scope);
            _entries.Add(scope, entry);
            return new Lease(this, entry);
        }
    }

    /// <summary>Links the vectors of a scope into a graph, if there are many and none is there for this generation.</summary>
    /// <param name="connection">A connection that sees this generation.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="embedder">What makes the scope's vectors.</param>
    /// <param name="from">From how many on.</param>
    /// <param name="progress">Told how many are linked, of how many.</param>
    /// <param name="cancellationToken">Ends it; the next ingest begins it again.</param>
    public void Link(
        SqliteConnection connection, long scope, long generation, string embedder, int from, Action<int, int>? progress, CancellationToken cancellationToken)
    {
        if (VectorRows.CountOf(connection, scope, embedder) < from) return;
        using (Lease lease = Rent(connection, scope, generation, embedder))
        {
            if (lease.Graph is not null) return;
            int total = lease.File.Layout.Count;
            using GraphFile? before = GraphFile.TryOpen(GraphPath(scope), embedder);
            GraphBuilder.Write(GraphPath(scope), embedder, lease.File, before, GraphSeed, done => progress?.Invoke(done, total), cancellationToken);
        }

        lock (_gate) Forget(scope);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values) Release(entry);
            _entries.Clear();
        }
    }

    private string GraphPath(long scope) => $"{path}-graph-{scope}";

    private GraphSearch? OpenGraph(VectorFile vectors, long scope, string embedder)
    {
        GraphFile? graph = GraphFile.TryOpen(GraphPath(scope), embedder);
        if (graph is not null && graph.Generation == vectors.Generation && graph.Layout.Rows == vectors.Layout.Count) return new GraphSearch(vectors, graph);
        graph?.Dispose();
        return null;
    }

    private void Forget(long scope)
    {
        if (_entries.Remove(scope, out Entry? old)) Release(old);
    }

    private VectorFile Load(SqliteConnection connection, long scope, long generation, string embedder)
    {
        string file = $"{path}-vectors-{scope}";
        VectorFile? before = VectorFile.TryOpen(file, embedder);
        if (before?.Generation == generation) return before;
        using (before)
        {
            var rows = new VectorRows(connection, scope, embedder, before);
            try
            {
                return VectorFile.Write(file, embedder, generation, rows.Dimensions, rows.Count, rows.Read());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UserInputException(file, $"{file} cannot be written: {e.Message} A search by keyword needs no such file.", e);
            }
        }
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users > 0) return;
            entry.Graph?.Dispose();
            entry.File.Dispose();
        }
    }

    /// <param name="file">The vectors.</param>
    /// <param name="graph">Their graph, if there is one.</param>
    internal sealed class Entry(VectorFile file, GraphSearch? graph)
    {
        public VectorFile File => file;

        public GraphSearch? Graph => graph;

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

        public GraphSearch? Graph => _entry.Graph;

        public void Dispose() => _owner.Release(_entry);
    }
}
