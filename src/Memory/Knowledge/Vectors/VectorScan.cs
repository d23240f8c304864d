using System.Numerics;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// Finds the rows nearest to a query by cosine. Every row is looked at, so that a filter leaves as many results as there are; what differs is
/// in how many bits. The results always carry exact scores.
/// </summary>
internal static class VectorScan
{
    /// <summary>Below this number of rows, scanning floats takes no time worth saving.</summary>
    private const int SmallCount = 4096;

    private const int LeastByBits = 512;
    private const int ByBitsPerResult = 32;
    private const int LeastByBytes = 64;
    private const int ByBytesPerResult = 6;

    /// <summary>The nearest rows: signs choose some hundreds, 8 bits of them some dozens, floats decide. May miss a near one on hard data.</summary>
    /// <param name="file">The rows.</param>
    /// <param name="query">[dimensions], of length 1.</param>
    /// <param name="count">Most results.</param>
    /// <param name="allowed">Rows that may be found; all when <c>null</c>.</param>
    /// <returns>Best first; equal scores by id.</returns>
    public static List<Candidate> Search(VectorFile file, ReadOnlySpan<float> query, int count, bool[]? allowed = null)
    {
        int rows = allowed?.Count(isAllowed => isAllowed) ?? file.Layout.Count;
        int byBits = Math.Max(LeastByBits, count * ByBitsPerResult);
        if (rows <= Math.Max(SmallCount, byBits)) return Int8Query.Decide(file, query, count, Rows(file, allowed));
        int[] near = NearestByBits(file, query, byBits, allowed);
        Int8Query narrow = new(file, query);
        int[] nearer = [.. near.OrderByDescending(row => narrow.Score(row)).Take(Math.Max(LeastByBytes, count * ByBytesPerResult))];
        return Int8Query.Decide(file, query, count, nearer);
    }

    /// <summary>
    /// The nearest rows, certainly: 8 bits give each row a score with bounds (Cauchy–Schwarz on what rounding left), and every row whose upper
    /// bound reaches the best lower bounds is scored with floats.
    /// </summary>
    /// <inheritdoc cref="Search"/>
    public static List<Candidate> SearchExactly(VectorFile file, ReadOnlySpan<float> query, int count, bool[]? allowed = null)
    {
        int[]? some = allowed is null ? null : [.. Rows(file, allowed)];
        int rows = some?.Length ?? file.Layout.Count;
        if (rows <= SmallCount) return Int8Query.Decide(file, query, count, Rows(file, allowed));
        float[] scores = new float[rows];
        float[] errors = new float[rows];
        var narrow = new Int8Query(file, query);
        int parts = Math.Min(Environment.ProcessorCount, rows / SmallCount);
        Parallel.For(0, parts, part =>
        {
            for (int i = (int)((long)rows * part / parts), end = (int)((long)rows * (part + 1) / parts); i < end; i++)
            {
                int row = some is null ? i : some[i];
                (scores[i], errors[i]) = (narrow.Score(row), narrow.Bound(row));
            }
        });
        float limit = KthLargestLowerBound(scores, errors, count);
        var within = new List<int>();
        for (int i = 0; i < rows; i++)
        {
            if (scores[i] + errors[i] >= limit) within.Add(some is null ? i : some[i]);
        }

        return Int8Query.Decide(file, query, count, within);
    }

    private static float KthLargestLowerBound(float[] scores, float[] errors, int count)
    {
        var best = new PriorityQueue<int, float>(count + 1);
        float limit = float.NegativeInfinity;
        for (int row = 0; row < scores.Length; row++)
        {
            float lower = scores[row] - errors[row];
            if (best.Count == count && lower <= limit) continue;
            if (best.Count < count) best.Enqueue(row, lower);
            else best.DequeueEnqueue(row, lower);
            if (best.Count == count && best.TryPeek(out _, out float least)) limit = least;
        }

        return best.Count == count ? limit : float.NegativeInfinity;
    }

    private static IEnumerable<int> Rows(VectorFile file, bool[]? allowed) =>
        Enumerable.Range(0, file.Layout.Count).Where(row => allowed is null || allowed[row]);

    /// <summary>Rows by Hamming distance of signs: one pass counts the distances, a second one takes those up to the limit.</summary>
    private static int[] NearestByBits(VectorFile file, ReadOnlySpan<float> query, int count, bool[]? allowed)
    {
        int words = file.Layout.Words;
        Span<ulong> signs = stackalloc ulong[words];
        QuantizedVector.ToBits(query, signs);
        ReadOnlySpan<ulong> bits = file.Bits;
        ushort[] distances = new ushort[file.Layout.Count];
        int[] histogram = new int[file.Layout.Dimensions + 2];
        for (int row = 0; row < distances.Length; row++)
        {
            if (allowed is not null && !allowed[row])
            {
                distances[row] = ushort.MaxValue;
                continue;
            }

            int distance = 0;
            ReadOnlySpan<ulong> of = bits.Slice(row * words, words);
            for (int i = 0; i < of.Length; i++) distance += BitOperations.PopCount(of[i] ^ signs[i]);
            distances[row] = (ushort)distance;
            histogram[distance]++;
        }

        int limit = 0;
        for (int sum = histogram[0]; sum < count && limit < file.Layout.Dimensions; sum += histogram[limit]) limit++;
        var near = new List<int>(count * 2);
        for (int row = 0; row < distances.Length; row++)
        {
            if (distances[row] <= limit) near.Add(row);
        }

        return [.. near];
    }
}
