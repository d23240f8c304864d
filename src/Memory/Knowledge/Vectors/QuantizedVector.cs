using System.Numerics.Tensors;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>A vector in 8 bits and in 1 bit.</summary>
internal static class QuantizedVector
{
    private const float Largest = 127;

    /// <summary>Rounds a vector to 8 bits: value ≈ code × scale.</summary>
    /// <param name="vector">[dimensions]</param>
    /// <param name="codes">[padded dimensions], zero behind the vector's end.</param>
    /// <returns>The scale, and the length of the difference that rounding made.</returns>
    public static (float Scale, float Error) ToInt8(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        codes.Clear();
        float largest = TensorPrimitives.MaxMagnitude(vector);
        float scale = Math.Abs(largest) / Largest;
        if (scale == 0) return (0, 0);
        double squares = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)Math.Clamp(MathF.Round(vector[i] / scale), -Largest, Largest);
            double difference = vector[i] - (codes[i] * (double)scale);
            squares += difference * difference;
        }

        return (scale, (float)Math.Sqrt(squares));
    }

    /// <summary>The signs of a vector.</summary>
    /// <param name="vector">[dimensions]</param>
    /// <param name="words">[dimensions / 64], rounded up.</param>
    public static void ToBits(ReadOnlySpan<float> vector, Span<ulong> words)
    {
        words.Clear();
        for (int i = 0; i < vector.Length; i++)
        {
            if (vector[i] > 0) words[i >> 6] |= 1UL << (i & 63);
        }
    }
}
