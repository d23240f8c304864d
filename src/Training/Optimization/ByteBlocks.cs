using System.Numerics.Tensors;

namespace AgentKit.Training.Optimization;

/// <summary>Numbers stored as a byte each, with a scale for each block.</summary>
/// <param name="count">How many.</param>
/// <param name="blockLength">Numbers that share a scale.</param>
/// <param name="values">What the bytes stand for: ascending, from −1 or 0 to 1.</param>
internal sealed class ByteBlocks(int count, int blockLength, float[] values)
{
    // Every scale is 0 at first, so the codes do not matter yet.
    public byte[] Codes { get; } = new byte[count];

    public float[] Scales { get; } = new float[(count + blockLength - 1) / blockLength];

    public void Read(int block, Span<float> target)
    {
        ReadOnlySpan<byte> codes = Codes.AsSpan(block * blockLength, target.Length);
        for (int i = 0; i < target.Length; i++) target[i] = Scales[block] * values[codes[i]];
    }

    public void Write(int block, ReadOnlySpan<float> source)
    {
        float scale = Math.Abs(TensorPrimitives.MaxMagnitude(source));
        Scales[block] = scale;
        if (scale == 0) return;
        Span<byte> codes = Codes.AsSpan(block * blockLength, source.Length);
        for (int i = 0; i < source.Length; i++) codes[i] = Nearest(source[i] / scale);
    }

    private byte Nearest(float value)
    {
        int place = Array.BinarySearch(values, value);
        if (place >= 0) return (byte)place;
        int above = Math.Clamp(~place, 1, values.Length - 1);
        // A squared gradient that were rounded to 0 would make its weight's next step as large as can be.
        bool below = value - values[above - 1] < values[above] - value && (values[above - 1] != 0 || values[0] < 0);
        return (byte)(below ? above - 1 : above);
    }
}
