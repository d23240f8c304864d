namespace AgentKit.Models.Gguf;

/// <summary>
/// How a tensor's elements are stored, with the numbers ggml gives the types. Numbers that ggml has retired are absent.
/// A quantized type packs a fixed number of neighbouring elements of a row into one block.
/// </summary>
public enum GgmlType
{
    /// <summary>32-bit IEEE float.</summary>
    F32 = 0,

    /// <summary>16-bit IEEE float.</summary>
    F16 = 1,

    /// <summary>18 bytes for 32 elements.</summary>
    Q4_0 = 2,

    /// <summary>20 bytes for 32 elements.</summary>
    Q4_1 = 3,

    /// <summary>22 bytes for 32 elements.</summary>
    Q5_0 = 6,

    /// <summary>24 bytes for 32 elements.</summary>
    Q5_1 = 7,

    /// <summary>34 bytes for 32 elements.</summary>
    Q8_0 = 8,

    /// <summary>36 bytes for 32 elements.</summary>
    Q8_1 = 9,

    /// <summary>84 bytes for 256 elements.</summary>
    Q2_K = 10,

    /// <summary>110 bytes for 256 elements.</summary>
    Q3_K = 11,

    /// <summary>144 bytes for 256 elements.</summary>
    Q4_K = 12,

    /// <summary>176 bytes for 256 elements.</summary>
    Q5_K = 13,

    /// <summary>210 bytes for 256 elements.</summary>
    Q6_K = 14,

    /// <summary>292 bytes for 256 elements.</summary>
    Q8_K = 15,

    /// <summary>66 bytes for 256 elements.</summary>
    IQ2_XXS = 16,

    /// <summary>74 bytes for 256 elements.</summary>
    IQ2_XS = 17,

    /// <summary>98 bytes for 256 elements.</summary>
    IQ3_XXS = 18,

    /// <summary>50 bytes for 256 elements.</summary>
    IQ1_S = 19,

    /// <summary>18 bytes for 32 elements.</summary>
    IQ4_NL = 20,

    /// <summary>110 bytes for 256 elements.</summary>
    IQ3_S = 21,

    /// <summary>82 bytes for 256 elements.</summary>
    IQ2_S = 22,

    /// <summary>136 bytes for 256 elements.</summary>
    IQ4_XS = 23,

    /// <summary>8-bit integer.</summary>
    I8 = 24,

    /// <summary>16-bit integer.</summary>
    I16 = 25,

    /// <summary>32-bit integer.</summary>
    I32 = 26,

    /// <summary>64-bit integer.</summary>
    I64 = 27,

    /// <summary>64-bit IEEE float.</summary>
    F64 = 28,

    /// <summary>56 bytes for 256 elements.</summary>
    IQ1_M = 29,

    /// <summary>The upper half of a 32-bit float.</summary>
    BF16 = 30,

    /// <summary>54 bytes for 256 elements.</summary>
    TQ1_0 = 34,

    /// <summary>66 bytes for 256 elements.</summary>
    TQ2_0 = 35,

    /// <summary>17 bytes for 32 elements.</summary>
    MXFP4 = 39,

    /// <summary>36 bytes for 64 elements.</summary>
    NVFP4 = 40,

    /// <summary>18 bytes for 128 elements.</summary>
    Q1_0 = 41,

    /// <summary>18 bytes for 64 elements.</summary>
    Q2_0 = 42,
}
