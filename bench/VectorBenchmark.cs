using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Knowledge.Vectors.Graph;
using Microsoft.Data.Sqlite;

namespace AgentKit.Bench;

/// <summary>
/// Nearest vectors by cosine, this project's scans and graph beside sqlite-vec's scan in one run. Effective dimensions are (Σλ)² / Σλ² over the
/// eigenvalues λ of the covariance: how many directions of equal weight would spread as much.
/// </summary>
internal static class VectorBenchmark
{
    private const int Count = 100_000;
    private const int Dimensions = 384;
    private const int Queries = 200;
    private const int TheirQueries = 30;
    private const int K = 10;

    public static Task RunAsync()
    {
        string? library = SqliteVec.Find();
        foreach ((int latent, int clusters) in (ReadOnlySpan<(int, int)>)[(48, 500), (160, 500), (200, 1)])
        {
            Console.WriteLine($"\n{Count} x {Dimensions}, k = {K}, points of {latent} latent dimensions in {clusters} clusters\n");
            Measure(latent, clusters, library);
        }

        return Task.CompletedTask;
    }

    private static void Measure(int latent, int clusters, string? library)
    {
        using var folder = new BenchFolder();
        (float[][] rows, float[][] queries) = Make(latent, clusters);
        using VectorFile file = VectorFile.Write(folder["vectors"], "bench", 1, Dimensions, Count, rows.Select((row, i) => ((long)i, 0UL, row)));
        BenchReport.PrintHeader("search", "queries/s", "p50 ms", "recall@10", "times sqlite-vec");
        long[][] truth = [.. queries.Select(query => Truth(rows, query))];
        double theirs = library is null ? 0 : MeasureTheirs(folder["vec.db"], library, rows, queries, truth);
        Print("exact: 8 bits with bounds, then floats", queries, truth, query => VectorScan.SearchExactly(file, query, K), theirs);
        Print("signs, 8 bits, floats", queries, truth, query => VectorScan.Search(file, query, K), theirs);
        long started = Stopwatch.GetTimestamp();
        GraphBuilder.Write(folder["graph"], "bench", file, null, 1, null, default);
        double built = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using var graph = new GraphSearch(file, GraphFile.TryOpen(folder["graph"], "bench")!);
        foreach (int breadth in (ReadOnlySpan<int>)[32, 64, 128, GraphSearch.DefaultBreadth, 384, 768])
            Print($"graph, breadth {breadth}{(breadth == GraphSearch.DefaultBreadth ? " (default)" : "")}", queries, truth, query => graph.Search(query, K, null, breadth), theirs);
        bool[] one = [.. Enumerable.Range(0, Count).Select(i => i % 100 == 7)];
        int least = queries.Min(query => Math.Min(VectorScan.Search(file, query, K, one).Count, graph.Search(query, K, one).Count));
        Console.WriteLine($"\neffective dimensions: {EffectiveDimensions(rows):0}; a filter that lets 1 % through: at least {least} of {K} rows by scan and by graph");
        Console.WriteLine($"graph built in {built:0.0} s by {Environment.ProcessorCount} threads: {Count / built:0} vectors/s");
    }

    private static void Print(string name, float[][] queries, long[][] truth, Func<float[], List<Candidate>> search, double theirs)
    {
        foreach (float[] query in queries.Take(20)) search(query);
        var times = new List<double>();
        int found = 0;
        for (int i = 0; i < queries.Length; i++)
        {
            long started = Stopwatch.GetTimestamp();
            List<Candidate> result = search(queries[i]);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            found += result.Count(candidate => truth[i].Contains(candidate.Chunk));
        }

        double rate = 1000 / times.Average();
        BenchReport.PrintRow(
            name, Format(rate, "0"), Format(BenchReport.Median(times), "0.00"), Format((double)found / (queries.Length * K), "0.0000"),
            theirs > 0 ? Format(rate / theirs, "0.0") : "-");
    }

    /// <summary>vec0 with floats and cosine, ten partitions as its authors advise.</summary>
    private static double MeasureTheirs(string path, string library, float[][] rows, float[][] queries, long[][] truth)
    {
        using var connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        connection.EnableExtensions(true);
        connection.LoadExtension(library);
        Execute(connection, $"CREATE VIRTUAL TABLE v USING vec0(id INTEGER PRIMARY KEY, e float[{Dimensions}] distance_metric=cosine)");
        using (SqliteTransaction transaction = connection.BeginTransaction())
        {
            using SqliteCommand insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO v (id, e) VALUES ($id, $e)";
            insert.Parameters.AddWithValue("$id", 0L);
            insert.Parameters.AddWithValue("$e", Array.Empty<byte>());
            for (int i = 0; i < rows.Length; i++)
            {
                insert.Parameters[0].Value = (long)i;
                insert.Parameters[1].Value = Blob(rows[i]);
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        using SqliteCommand select = connection.CreateCommand();
        select.CommandText = $"SELECT id FROM v WHERE e MATCH $e AND k = {K} ORDER BY distance";
        select.Parameters.AddWithValue("$e", Array.Empty<byte>());
        var times = new List<double>();
        int found = 0;
        for (int i = 0; i < TheirQueries; i++)
        {
            select.Parameters[0].Value = Blob(queries[i]);
            long started = Stopwatch.GetTimestamp();
            using SqliteDataReader row = select.ExecuteReader();
            while (row.Read()) found += truth[i].Contains(row.GetInt64(0)) ? 1 : 0;
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        double rate = 1000 / times.Average();
        BenchReport.PrintRow("sqlite-vec, float[384]", Format(rate, "0.0"), Format(BenchReport.Median(times), "0.00"), Format((double)found / (TheirQueries * K), "0.0000"), "1");
        return rate;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static byte[] Blob(float[] vector) => MemoryMarshal.AsBytes<float>(vector).ToArray();

    private static long[] Truth(float[][] rows, float[] query) =>
        [.. Enumerable.Range(0, rows.Length).Select(i => (Score: System.Numerics.Tensors.TensorPrimitives.Dot(rows[i], query), Id: (long)i))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Id).Take(K).Select(one => one.Id)];

    /// <summary>Points of a random subspace with a little noise in all dimensions; queries are points of the same kind.</summary>
    private static (float[][] Rows, float[][] Queries) Make(int latent, int clusters)
    {
        var random = new Random(1);
        float[][] basis = [.. Enumerable.Range(0, latent).Select(_ => Gaussian(random, Dimensions))];
        float[][] centres = [.. Enumerable.Range(0, clusters).Select(_ => Gaussian(random, latent))];
        float[] Point()
        {
            float[] centre = centres[random.Next(centres.Length)];
            float[] point = Gaussian(random, Dimensions);
            for (int i = 0; i < point.Length; i++) point[i] *= 0.3f;
            for (int j = 0; j < latent; j++)
            {
                float weight = (centres.Length > 1 ? centre[j] : 0) + Normal(random);
                for (int i = 0; i < point.Length; i++) point[i] += weight * basis[j][i];
            }

            return EmbeddingPass.Normalized(point);
        }

        return ([.. Enumerable.Range(0, Count).Select(_ => Point())], [.. Enumerable.Range(0, Queries).Select(_ => Point())]);
    }

    /// <summary>(trace of the covariance)² / (sum of the squares of its entries), over some thousand points.</summary>
    private static double EffectiveDimensions(float[][] rows)
    {
        float[][] some = [.. rows.Take(4000)];
        double[] mean = new double[Dimensions];
        foreach (float[] row in some)
        {
            for (int i = 0; i < Dimensions; i++) mean[i] += row[i] / (double)some.Length;
        }

        // Columns of centred values: entry (i, j) of the covariance is the dot product of columns i and j.
        float[][] columns = [.. Enumerable.Range(0, Dimensions).Select(i => some.Select(row => (float)(row[i] - mean[i])).ToArray())];
        double trace = columns.Sum(column => (double)System.Numerics.Tensors.TensorPrimitives.SumOfSquares(column));
        double squares = columns.Sum(left => columns.Sum(right => Math.Pow(System.Numerics.Tensors.TensorPrimitives.Dot(left, right), 2)));
        return trace * trace / squares;
    }

    private static float[] Gaussian(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => Normal(random))];

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
