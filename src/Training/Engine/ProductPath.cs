namespace AgentKit.Training.Engine;

/// <summary>
/// How a CPU multiplies matrices in single precision. A GPU has its own way, and what is quantized or in half precision is multiplied as it is when the model is served.
/// </summary>
public enum ProductPath
{
    /// <summary>The fastest of the others on this machine, found out by measuring each for some milliseconds.</summary>
    Auto,

    /// <summary>Tiles for AVX2 with FMA or AVX-512 that take their operands in any order; sums in single precision.</summary>
    Own,

    /// <summary>llama.cpp's kernels, for which operands are brought in order first; sums in single precision.</summary>
    Ggml,

    /// <summary>
    /// oneDNN (<c>libdnnl</c> 2 or 3, where the system has it), which rounds operands to bfloat16 and sums in single precision: fast where the processor has matrix
    /// instructions (AMX), slow elsewhere. Gradients are then about half a percent off.
    /// </summary>
    OneDnn,
}
