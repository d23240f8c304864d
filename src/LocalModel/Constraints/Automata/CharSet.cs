using System.Text;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>An immutable set of Unicode scalar values, kept as sorted inclusive ranges that neither overlap nor touch.</summary>
internal sealed class CharSet : IEquatable<CharSet>
{
    private const int LastScalar = 0x10FFFF;
    private readonly (int First, int Last)[] ranges;

    private CharSet((int First, int Last)[] ranges) => this.ranges = ranges;

    internal static CharSet Empty { get; } = new([]);

    /// <summary>Every scalar value: all code points without the surrogates.</summary>
    internal static CharSet All { get; } = new([(0, 0xD7FF), (0xE000, LastScalar)]);

    internal ReadOnlySpan<(int First, int Last)> Ranges => ranges;

    internal bool IsEmpty => ranges.Length == 0;

    internal static CharSet Single(int scalar) => Range(scalar, scalar);

    internal static CharSet Range(int first, int last) => Of([(first, last)]);

    /// <summary>The characters of <paramref name="text"/>; a surrogate pair is one character.</summary>
    internal static CharSet OfText(string text) => Of(text.EnumerateRunes().Select(r => (r.Value, r.Value)));

    /// <summary>Any ranges, in any order, overlapping or not; surrogates are left out.</summary>
    internal static CharSet Of(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.SelectMany(WithoutSurrogates).OrderBy(r => r.First))
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }

        return new CharSet([.. merged]);
    }

    internal bool Contains(int scalar)
    {
        foreach (var (first, last) in ranges)
        {
            if (scalar >= first && scalar <= last)
                return true;
        }

        return false;
    }

    internal CharSet Union(CharSet other) => Of(ranges.Concat(other.ranges));

    internal CharSet Except(CharSet other) => Intersect(other.Complement());

    internal CharSet Complement()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in ranges)
        {
            if (first > next)
                gaps.Add((next, first - 1));
            next = last + 1;
        }

        if (next <= LastScalar)
            gaps.Add((next, LastScalar));
        return Of(gaps);
    }

    internal CharSet Intersect(CharSet other)
    {
        var common = new List<(int, int)>();
        for (int i = 0, j = 0; i < ranges.Length && j < other.ranges.Length;)
        {
            var first = Math.Max(ranges[i].First, other.ranges[j].First);
            var last = Math.Min(ranges[i].Last, other.ranges[j].Last);
            if (first <= last)
                common.Add((first, last));
            if (ranges[i].Last < other.ranges[j].Last)
                i++;
            else
                j++;
        }

        return new CharSet([.. common]);
    }

    /// <summary>The coarsest partition of the characters in <paramref name="sets"/> that no set cuts through.</summary>
    internal static IReadOnlyList<CharSet> Partition(IEnumerable<CharSet> sets)
    {
        var starts = new SortedSet<int>();
        var all = sets.Distinct().ToArray();
        foreach (var (first, last) in all.SelectMany(s => s.ranges))
        {
            starts.Add(first);
            starts.Add(last + 1);
        }

        var points = starts.ToArray();
        var groups = new Dictionary<string, List<(int, int)>>();
        for (var i = 0; i + 1 < points.Length; i++)
        {
            var key = new StringBuilder();
            for (var s = 0; s < all.Length; s++)
                key.Append(all[s].Contains(points[i]) ? '1' : '0');
            var name = key.ToString();
            if (!name.Contains('1'))
                continue;
            if (!groups.TryGetValue(name, out var group))
                groups[name] = group = [];
            group.Add((points[i], points[i + 1] - 1));
        }

        return [.. groups.Values.Select(Of)];
    }

    public bool Equals(CharSet? other) => other is not null && ranges.AsSpan().SequenceEqual(other.ranges);

    public override bool Equals(object? obj) => Equals(obj as CharSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        var (first, last) = (Math.Max(range.First, 0), Math.Min(range.Last, LastScalar));
        if (first <= Math.Min(last, 0xD7FF))
            yield return (first, Math.Min(last, 0xD7FF));
        if (Math.Max(first, 0xE000) <= last)
            yield return (Math.Max(first, 0xE000), last);
    }
}
