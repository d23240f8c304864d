namespace AgentKit.Models;

/// <summary>How keys and values are stored. Smaller types hold longer contexts in the same memory and cost some accuracy.</summary>
public enum KvType
{
    /// <summary>16-bit floating point, 2 bytes a number.</summary>
    F16,

    /// <summary>8-bit blocks of 32, 34 bytes a block. Heads must be a multiple of 32 long.</summary>
    Q8_0,

    /// <summary>4-bit blocks of 32, 18 bytes a block. Heads must be a multiple of 32 long.</summary>
    Q4_0,
}
