using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace AgentKit.Models.Gguf;

/// <summary>Turns floats into stored elements and back for the types that need no calibration: F32, F16, BF16 and Q8_0.</summary>
internal static class TensorCodec
{
    private const int BlockElements = 32, BlockBytes = 34;

    /// <summary>Stores <paramref name="values"/>; the destination must have exactly the bytes they take.</summary>
    /// <exception cref="NotSupportedException">Any other type.</exception>
    internal static void Encode(GgmlType type, ReadOnlySpan<float> values, Span<byte> destination)
    {
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(destination);
                break;
            case GgmlType.F16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(destination));
                break;
            case GgmlType.BF16:
                var words = MemoryMarshal.Cast<byte, ushort>(destination);
                for (int i = 0; i < values.Length; i++) words[i] = ToBFloat16(values[i]);
                break;
            case GgmlType.Q8_0:
                for (int b = 0; b < values.Length / BlockElements; b++)
                    EncodeBlock(values.Slice(b * BlockElements, BlockElements), destination.Slice(b * BlockBytes, BlockBytes));
                break;
            default:
                throw Unsupported(type);
        }
    }

    /// <summary>Restores floats from stored elements.</summary>
    /// <exception cref="NotSupportedException">Any other type.</exception>
    internal static void Decode(GgmlType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.Cast<byte, float>(stored).CopyTo(values);
                break;
            case GgmlType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(stored), values);
                break;
            case GgmlType.BF16:
                var words = MemoryMarshal.Cast<byte, ushort>(stored);
                for (int i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
                break;
            case GgmlType.Q8_0:
                for (int b = 0; b < values.Length / BlockElements; b++)
                    DecodeBlock(stored.Slice(b * BlockBytes, BlockBytes), values.Slice(b * BlockElements, BlockElements));
                break;
            default:
                throw Unsupported(type);
        }
    }

    /// <summary>Rounds to nearest, ties to even; NaN stays NaN.</summary>
    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>A half scale d = max|x| / 127 and 32 bytes round(x / d).</summary>
    private static void EncodeBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = TensorPrimitives.MaxMagnitude(values) is var max && max < 0 ? -max / 127 : max / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < BlockElements; i++)
            block[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
    }

    private static void DecodeBlock(ReadOnlySpan<byte> block, Span<float> values)
    {
        float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (int i = 0; i < BlockElements; i++) values[i] = scale * (sbyte)block[2 + i];
    }

    private static NotSupportedException Unsupported(GgmlType type) =>
        new($"Tensors of type {type} can be copied, but not converted from or to floats; F32, F16, BF16 and Q8_0 can.");
}
