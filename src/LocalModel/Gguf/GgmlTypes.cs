namespace AgentKit.Models.Gguf;

/// <summary>Block geometry of the ggml types (llama.cpp v0.5.0).</summary>
internal static class GgmlTypes
{
    /// <summary>Elements and bytes of one block; null for numbers ggml does not know or has retired.</summary>
    internal static (int Elements, int Bytes)? Block(GgmlType type) => type switch
    {
        GgmlType.F32 or GgmlType.I32 => (1, 4),
        GgmlType.F16 or GgmlType.I16 or GgmlType.BF16 => (1, 2),
        GgmlType.Q4_0 or GgmlType.IQ4_NL => (32, 18),
        GgmlType.Q4_1 => (32, 20),
        GgmlType.Q5_0 => (32, 22),
        GgmlType.Q5_1 => (32, 24),
        GgmlType.Q8_0 => (32, 34),
        GgmlType.Q8_1 => (32, 36),
        GgmlType.Q2_K => (256, 84),
        GgmlType.Q3_K or GgmlType.IQ3_S => (256, 110),
        GgmlType.Q4_K => (256, 144),
        GgmlType.Q5_K => (256, 176),
        GgmlType.Q6_K => (256, 210),
        GgmlType.Q8_K => (256, 292),
        GgmlType.IQ2_XXS or GgmlType.TQ2_0 => (256, 66),
        GgmlType.IQ2_XS => (256, 74),
        GgmlType.IQ3_XXS => (256, 98),
        GgmlType.IQ1_S => (256, 50),
        GgmlType.IQ2_S => (256, 82),
        GgmlType.IQ4_XS => (256, 136),
        GgmlType.I8 => (1, 1),
        GgmlType.I64 or GgmlType.F64 => (1, 8),
        GgmlType.IQ1_M => (256, 56),
        GgmlType.TQ1_0 => (256, 54),
        GgmlType.MXFP4 => (32, 17),
        GgmlType.NVFP4 => (64, 36),
        GgmlType.Q1_0 => (128, 18),
        GgmlType.Q2_0 => (64, 18),
        _ => null,
    };

    /// <summary>Bytes of <paramref name="elements"/> neighbouring elements; a whole number of blocks is assumed.</summary>
    internal static long Bytes(GgmlType type, long elements)
    {
        var (perBlock, bytes) = Block(type) ?? throw new ArgumentOutOfRangeException(nameof(type), type, "unknown ggml type");
        return elements / perBlock * bytes;
    }

    /// <summary>True for block formats, which only exist in whole blocks along a row.</summary>
    internal static bool IsQuantized(GgmlType type) => Block(type) is { Elements: > 1 };

    /// <summary>
    /// True when the CPU backend can multiply by a matrix of this type. For the others its dot-product table holds a null pointer.
    /// </summary>
    internal static bool CanMultiply(GgmlType type) => Block(type) is not null && type is not (
        GgmlType.Q8_1 or GgmlType.Q8_K or GgmlType.I8 or GgmlType.I16 or GgmlType.I32 or GgmlType.I64 or GgmlType.F64);
}
