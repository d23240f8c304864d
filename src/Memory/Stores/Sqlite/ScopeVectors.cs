using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>The vectors of a scope in memory, brought up to date before each search: what changed is read, after a removal all.</summary>
internal sealed class ScopeVectors(long scope)
{
    private const int RowsInPart = 8192;

    /// <summary>Of a row beside its numbers: its id twice, where it is, and what an array takes.</summary>
    private const int BytesOfRow = 80;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _places = [];
    private readonly List<long> _ids = [];
    private readonly List<float[]> _vectors = [];
    private long _bytes;
    private long _changes = -1;
    private long _removals = -1;

    /// <summary>Memory that they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The nearest by dot product.</summary>
    /// <param name="connection">A connection in a read transaction: it says how things are.</param>
    /// <param name="query">The vector.</param>
    /// <param name="count">Most results.</param>
    /// <param name="allowed">Records that may be found; all when <c>null</c>.</param>
    public List<(long Id, float Score)> Nearest(SqliteConnection connection, float[] query, int count, IReadOnlyCollection<long>? allowed)
    {
        lock (_gate)
        {
            Refresh(connection);
            int[] rows = allowed is null
                ? [.. Enumerable.Range(0, _ids.Count)]
                : [.. allowed.Where(_places.ContainsKey).Select(id => _places[id])];
            float[] scores = new float[rows.Length];
            int parts = Math.Clamp(rows.Length / RowsInPart, 1, Environment.ProcessorCount);
            Parallel.For(0, parts, part =>
            {
                for (int i = (int)((long)rows.Length * part / parts), end = (int)((long)rows.Length * (part + 1) / parts); i < end; i++)
                    scores[i] = TensorPrimitives.Dot<float>(_vectors[rows[i]], query);
            });
            return Best(rows, scores, count);
        }
    }

    /// <summary>The best, those that are equal to the last of them included: the caller decides among these.</summary>
    private List<(long Id, float Score)> Best(int[] rows, float[] scores, int count)
    {
        var best = new PriorityQueue<int, float>(count + 1);
        foreach (float score in scores)
        {
            if (best.Count < count) best.Enqueue(0, score);
            else if (best.TryPeek(out _, out float smallest) && score > smallest) best.DequeueEnqueue(0, score);
        }

        float least = best.Count == count && best.TryPeek(out _, out float last) ? last : float.NegativeInfinity;
        return [.. scores.Index().Where(one => one.Item >= least).Select(one => (_ids[rows[one.Index]], one.Item)).OrderByDescending(one => one.Item)];
    }

    private void Refresh(SqliteConnection connection)
    {
        using SqliteCommand state = StoreFile.Command(connection, "SELECT changes, removals FROM scopes WHERE id = $scope", ("$scope", scope));
        (long changes, long removals) = (0, 0);
        using (SqliteDataReader row = state.ExecuteReader())
        {
            if (row.Read()) (changes, removals) = (row.GetInt64(0), row.GetInt64(1));
        }

        // A search that began earlier may see less than another one has seen since.
        bool anew = removals != _removals || changes < _changes;
        if (anew)
        {
            _places.Clear();
            _ids.Clear();
            _vectors.Clear();
        }

        if (anew || changes != _changes) Load(connection, anew ? -1 : _changes);
        Interlocked.Exchange(ref _bytes, _vectors.Count * (BytesOfRow + (_vectors.Count > 0 ? _vectors[0].Length * (long)sizeof(float) : 0)));
        (_changes, _removals) = (changes, removals);
    }

    private void Load(SqliteConnection connection, long after)
    {
        using SqliteCommand command = StoreFile.Command(
            connection, "SELECT id, vector FROM records WHERE scope = $scope AND change > $after", ("$scope", scope), ("$after", after));
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            long id = row.GetInt64(0);
            float[] vector = MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(1)).ToArray();
            if (_places.TryGetValue(id, out int place))
            {
                _vectors[place] = vector;
                continue;
            }

            _places.Add(id, _ids.Count);
            _ids.Add(id);
            _vectors.Add(vector);
        }
    }
}
