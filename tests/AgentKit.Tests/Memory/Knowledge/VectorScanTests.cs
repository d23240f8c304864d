using System.Numerics.Tensors;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

public sealed class VectorScanTests : IDisposable
{
    private const int Count = 10_000;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(384)]
    [InlineData(100)]
    [InlineData(1)]
    public void SearchExactly_UniformDirections_IsTheTruth(int dimensions)
    {
        using VectorFile file = Write(dimensions, Count, seed: 1);
        var random = new Random(2);
        for (int i = 0; i < 20; i++)
        {
            float[] query = Direction(dimensions, random);
            Assert.Equal(Truth(file, query, 10, _ => true), VectorScan.SearchExactly(file, query, 10).Select(found => found.Chunk));
        }
    }

    [Fact]
    public void Search_NearTheRows_FindsWhatIsNearest()
    {
        using VectorFile file = Write(384, Count, seed: 3);
        var random = new Random(4);
        int right = 0;
        for (int i = 0; i < 50; i++)
        {
            float[] query = EmbeddingPass.Normalized(Sum(file.Row(random.Next(Count)), Direction(384, random), 0.5f));
            right += VectorScan.Search(file, query, 1)[0].Chunk == Truth(file, query, 1, _ => true)[0] ? 1 : 0;
        }

        Assert.Equal(50, right);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    public void Search_Filtered_GivesAllTheRowsThereAre(double share)
    {
        using VectorFile file = Write(64, Count, seed: 5);
        var random = new Random(6);
        bool[] allowed = [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble() < share)];
        float[] query = Direction(64, random);
        long[] truth = Truth(file, query, 10, row => allowed[row]);
        Assert.Equal(truth, VectorScan.SearchExactly(file, query, 10, allowed).Select(found => found.Chunk));
        List<Candidate> found = VectorScan.Search(file, query, 10, allowed);
        Assert.Equal(10, found.Count);
        Assert.All(found, one => Assert.True(allowed[file.Ids.IndexOf(one.Chunk)]));
    }

    [Fact]
    public void Search_SmallSet_IsExactAndOrdersTiesById()
    {
        float[] one = [1, 0];
        using VectorFile file = VectorFile.Write(_folder["v"], "e", 1, 2, 3, [(5, 0, one), (7, 0, [0, 1]), (9, 0, one)]);
        Assert.Equal([new Candidate(5, 1), new Candidate(9, 1), new Candidate(7, 0)], VectorScan.Search(file, one, 10));
    }

    [Fact]
    public void TryOpen_OtherEmbedderOrDamagedFile_IsNotUsed()
    {
        Write(8, 10, seed: 1).Dispose();
        Assert.Null(VectorFile.TryOpen(_folder["v"], "f"));
        Assert.Null(VectorFile.TryOpen(_folder["missing"], "e"));
        byte[] whole = File.ReadAllBytes(_folder["v"]);
        _folder.Write("v", whole[..^64]);
        Assert.Null(VectorFile.TryOpen(_folder["v"], "e"));
        _folder.Write("v", whole[..32]);
        Assert.Null(VectorFile.TryOpen(_folder["v"], "e"));
    }

    [Fact]
    public void ToInt8_AnyVector_StatesItsErrorAndDotsAreExact()
    {
        var random = new Random(8);
        for (int dimensions = 1; dimensions < 200; dimensions += 13)
        {
            float[] vector = Direction(dimensions, random);
            sbyte[] codes = new sbyte[new VectorLayout(dimensions, 1).Padded];
            (float scale, float error) = QuantizedVector.ToInt8(vector, codes);
            double squares = vector.Select((value, i) => Math.Pow(value - (codes[i] * (double)scale), 2)).Sum();
            Assert.Equal(Math.Sqrt(squares), error, 1e-6);
            short[] query = [.. codes.Select(_ => (short)random.Next(-127, 128))];
            Assert.Equal(codes.Select((code, i) => code * query[i]).Sum(), Int8Kernel.Dot(codes, query));
        }
    }

    private VectorFile Write(int dimensions, int count, int seed)
    {
        var random = new Random(seed);
        return VectorFile.Write(
            _folder["v"], "e", 1, dimensions, count, Enumerable.Range(0, count).Select(i => ((long)(i * 3) + 1, 0UL, Direction(dimensions, random))));
    }

    private static long[] Truth(VectorFile file, float[] query, int count, Func<int, bool> allowed)
    {
        var scores = new List<(float Score, long Id)>();
        for (int row = 0; row < file.Layout.Count; row++)
        {
            if (allowed(row)) scores.Add((TensorPrimitives.Dot(file.Row(row), query), file.Ids[row]));
        }

        return [.. scores.OrderByDescending(one => one.Score).ThenBy(one => one.Id).Take(count).Select(one => one.Id)];
    }

    private static float[] Direction(int dimensions, Random random) =>
        EmbeddingPass.Normalized([.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))]);

    private static float[] Sum(ReadOnlySpan<float> left, float[] right, float weight)
    {
        float[] sum = left.ToArray();
        for (int i = 0; i < sum.Length; i++) sum[i] += weight * right[i];
        return sum;
    }
}
