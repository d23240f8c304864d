using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Knowledge.Vectors.Graph;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class GraphTests : IDisposable
{
    private const string Embedder = "e";
    private const int Dimensions = 48;
    private const int Rows = 6000;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Search_FindsWhatAScanFinds()
    {
        using VectorFile vectors = Vectors("v", Rows);
        using GraphSearch graph = Build("g", vectors);
        int found = 0;
        foreach (float[] query in Queries(50))
        {
            long[] truth = [.. VectorScan.SearchExactly(vectors, query, 10).Select(one => one.Chunk)];
            found += graph.Search(query, 10).Count(one => truth.Contains(one.Chunk));
        }

        Assert.True(found >= 495, $"{found} of 500");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(11)]
    [InlineData(3)]
    [InlineData(2)]
    public void Search_Filtered_ReturnsAsManyRowsAsThereAre(int share)
    {
        using VectorFile vectors = Vectors("v", Rows);
        using GraphSearch graph = Build("g", vectors);
        bool[] allowed = [.. Enumerable.Range(0, Rows).Select(row => row % share == 1)];
        foreach (float[] query in Queries(20))
        {
            foreach (int count in (int[])[1, 10, 300])
            {
                List<Candidate> found = graph.Search(query, count, allowed);
                Assert.Equal(Math.Min(count, allowed.Count(one => one)), found.Select(one => one.Chunk).Distinct().Count());
                Assert.All(found, one => Assert.True(allowed[vectors.Ids.BinarySearch(one.Chunk)]));
            }
        }

        Assert.Empty(graph.Search(Queries(1)[0], 10, new bool[Rows]));
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytesWhateverTheThreads()
    {
        using VectorFile vectors = Vectors("v", 3000);
        Build("one", vectors).Dispose();
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(8, ports);
        Build("two", vectors).Dispose();
        ThreadPool.SetMinThreads(workers, ports);
        Assert.Equal(File.ReadAllBytes(_folder["one"]), File.ReadAllBytes(_folder["two"]));
    }

    [Fact]
    public void Write_AfterAChange_TakesLinksOverAndStillFinds()
    {
        using (VectorFile first = Vectors("v", Rows)) Build("g", first).Dispose();
        using VectorFile vectors = Vectors("v", Rows + 300, without: row => row % 20 == 3);
        int joined = 0;
        using (GraphFile before = GraphFile.TryOpen(_folder["g"], Embedder)!)
            GraphBuilder.Write(_folder["g"], Embedder, vectors, before, 1, rows => joined = Math.Max(joined, rows), default);
        Assert.Equal(vectors.Layout.Count, joined);
        using var graph = new GraphSearch(vectors, GraphFile.TryOpen(_folder["g"], Embedder)!);
        int found = 0;
        foreach (float[] query in Queries(50))
        {
            long[] truth = [.. VectorScan.SearchExactly(vectors, query, 10).Select(one => one.Chunk)];
            found += graph.Search(query, 10).Count(one => truth.Contains(one.Chunk));
        }

        Assert.True(found >= 490, $"{found} of 500");
    }

    [Theory]
    [InlineData(7, 2000)]
    [InlineData(8, 1)]
    public void Write_AfterAnotherGraph_TakesOverLinksOfTheSameContentOnly(ulong content, int firstJoined)
    {
        using (VectorFile other = Vectors("v", 2000, content: 7)) Build("g", other).Dispose();
        using VectorFile vectors = Vectors("v", 2000 + 1, content: content);
        var joined = new List<int>();
        using (GraphFile before = GraphFile.TryOpen(_folder["g"], Embedder)!)
            GraphBuilder.Write(_folder["g"], Embedder, vectors, before, 1, joined.Add, default);
        Assert.Equal((firstJoined, 2001), (joined[0] - (firstJoined > 1 ? 1 : 0), joined[^1]));
    }

    [Fact]
    public void Write_Cancelled_LeavesTheGraphBeforeAndNoOtherFile()
    {
        using VectorFile vectors = Vectors("v", 2000);
        Build("g", vectors).Dispose();
        byte[] before = File.ReadAllBytes(_folder["g"]);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => GraphBuilder.Write(_folder["g"], Embedder, vectors, null, 2, rows => stop.Cancel(), stop.Token));
        Assert.Equal(before, File.ReadAllBytes(_folder["g"]));
        Assert.Equal(["g", "v"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void TryOpen_DamagedFile_IsNotUsed()
    {
        using VectorFile vectors = Vectors("v", 100);
        Build("g", vectors).Dispose();
        Assert.Null(GraphFile.TryOpen(_folder["g"], "f"));
        byte[] whole = File.ReadAllBytes(_folder["g"]);
        _folder.Write("g", whole[..^64]);
        Assert.Null(GraphFile.TryOpen(_folder["g"], Embedder));
        _folder.Write("g", [0, .. whole[1..]]);
        Assert.Null(GraphFile.TryOpen(_folder["g"], Embedder));
    }

    private GraphSearch Build(string name, VectorFile vectors)
    {
        GraphBuilder.Write(_folder[name], Embedder, vectors, null, 1, null, default);
        return new GraphSearch(vectors, GraphFile.TryOpen(_folder[name], Embedder)!);
    }

    private VectorFile Vectors(string name, int count, Func<int, bool>? without = null, ulong content = 0)
    {
        var random = new Random(4);
        (long, ulong, float[])[] rows =
            [.. Enumerable.Range(0, count).Select(i => ((long)(i * 2) + 1, content, Direction(random))).Where((_, i) => without?.Invoke(i) != true)];
        return VectorFile.Write(_folder[name], Embedder, 1, Dimensions, rows.Length, rows);
    }

    private static float[][] Queries(int count)
    {
        var random = new Random(9);
        return [.. Enumerable.Range(0, count).Select(_ => Direction(random))];
    }

    private static float[] Direction(Random random) =>
        EmbeddingPass.Normalized([.. Enumerable.Range(0, Dimensions).Select(i => (float)(random.NextDouble() + random.NextDouble() - 1) / (1 + (i / 8f)))]);
}
