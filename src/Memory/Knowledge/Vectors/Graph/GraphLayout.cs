namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>Where the parts of a graph file lie; <c>docs/formats.md</c> describes it. All begin at multiples of 64 bytes.</summary>
/// <param name="Rows">Rows of the vector file.</param>
/// <param name="Links">Most neighbours of a row in a layer above the lowest; there it has twice as many.</param>
/// <param name="UpperRows">Places in the layers above the lowest: for each row as many as it has such layers.</param>
internal readonly record struct GraphLayout(int Rows, int Links, int UpperRows)
{
    public const int HeaderBytes = 64;

    /// <summary>Numbers of a row in the lowest layer: how many neighbours it has, then the neighbours.</summary>
    public int BaseWidth => 1 + (2 * Links);

    /// <summary>Numbers of a row in another layer.</summary>
    public int UpperWidth => 1 + Links;

    public long Ids => HeaderBytes;

    /// <summary>For each row a mark of what its vector was made of.</summary>
    public long Contents => Align(Ids + ((long)Rows * sizeof(long)));

    /// <summary>For each row its first place in the upper layers, and how many layers those are.</summary>
    public long Places => Align(Contents + ((long)Rows * sizeof(ulong)));

    public long Base => Align(Places + (2L * Rows * sizeof(int)));

    public long Upper => Align(Base + ((long)Rows * BaseWidth * sizeof(int)));

    public long Length => Align(Upper + ((long)UpperRows * UpperWidth * sizeof(int)));

    private static long Align(long position) => (position + 63) / 64 * 64;
}
