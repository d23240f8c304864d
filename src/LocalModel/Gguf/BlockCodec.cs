using AgentKit.Kernel.Errors;
using AgentKit.Models.Native;

namespace AgentKit.Models.Gguf;

/// <summary>Turns rows of any storage type into floats and back; block types by way of ggml, which must be loaded.</summary>
internal static unsafe class BlockCodec
{
    /// <summary>Whether floats can be restored from this type.</summary>
    public static bool CanDecode(GgmlType type) => !GgmlTypes.IsQuantized(type)
        ? type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16
        : GgmlTypes.CanMultiply(type) && GgmlApi.TypeTraits((int)type)->ToFloats is not null;

    /// <summary>
    /// Whether a zero that is stored comes back as a zero whatever its neighbours are. Types with an offset for each block (Q4_1, Q2_K, Q4_K, Q5_K …)
    /// and those with a code book (the IQ types) have no exact zero.
    /// </summary>
    public static bool KeepsZeros(GgmlType type) => type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16
        or GgmlType.Q8_0 or GgmlType.Q6_K or GgmlType.Q5_0 or GgmlType.Q4_0 or GgmlType.Q3_K;

    /// <summary>Restores floats from whole rows.</summary>
    public static void Decode(GgmlType type, ReadOnlySpan<byte> stored, Span<float> values)
    {
        if (!GgmlTypes.IsQuantized(type))
        {
            TensorCodec.Decode(type, stored, values);
            return;
        }

        GgmlTypeTraits* traits = GgmlApi.TypeTraits((int)type);
        if ((int)traits->BlockBytes != GgmlTypes.Block(type)!.Value.Bytes || GgmlTypes.Bytes(type, values.Length) != stored.Length)
            throw new NativeRuntimeException($"ggml's blocks of {type} have {traits->BlockBytes} bytes; {GgmlTypes.Block(type)!.Value.Bytes} are expected.");
        fixed (byte* source = stored)
        fixed (float* target = values) traits->ToFloats(source, target, values.Length);
    }

    /// <summary>Stores whole rows in a type that needs no importance matrix.</summary>
    public static void Encode(GgmlType type, int columns, ReadOnlySpan<float> values, Span<byte> stored)
    {
        if (!GgmlTypes.IsQuantized(type))
        {
            TensorCodec.Encode(type, values, stored);
            return;
        }

        // ggml asserts what is compared here.
        if (values.Length % columns != 0 || GgmlTypes.Bytes(type, columns) * (values.Length / columns) != stored.Length)
            throw new UserInputException("model", $"Rows of {columns} elements cannot be stored as {type}.");
        fixed (float* source = values)
        fixed (byte* target = stored) GgmlApi.QuantizeRows((int)type, source, target, 0, values.Length / columns, columns, null);
    }
}
