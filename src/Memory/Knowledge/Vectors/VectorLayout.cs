namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>Where the parts of a vector file lie; <c>docs/formats.md</c> describes it. All begin at multiples of 64 bytes.</summary>
internal readonly record struct VectorLayout(int Dimensions, int Count)
{
    public const int HeaderBytes = 64;

    /// <summary>Dimensions of a row in 8 bits.</summary>
    public int Padded => (Dimensions + Int8Kernel.Width - 1) / Int8Kernel.Width * Int8Kernel.Width;

    /// <summary>64-bit words of a row in 1 bit.</summary>
    public int Words => (Dimensions + 63) / 64;

    public long Ids => HeaderBytes;

    /// <summary>For each row a mark of what its vector was made of.</summary>
    public long Contents => Align(Ids + ((long)Count * sizeof(long)));

    public long Floats => Align(Contents + ((long)Count * sizeof(ulong)));

    public long Bytes8 => Align(Floats + ((long)Count * Dimensions * sizeof(float)));

    public long Scales => Align(Bytes8 + ((long)Count * Padded));

    public long Errors => Align(Scales + ((long)Count * sizeof(float)));

    public long Bits => Align(Errors + ((long)Count * sizeof(float)));

    public long Length => Align(Bits + ((long)Count * Words * sizeof(ulong)));

    private static long Align(long position) => (position + 63) / 64 * 64;
}
