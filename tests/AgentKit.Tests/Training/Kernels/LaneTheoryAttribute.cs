using System.Runtime.Intrinsics.X86;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>A test of the tile with so many lanes, where the processor has its instructions.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LaneTheoryAttribute : TheoryAttribute
{
    public LaneTheoryAttribute(int lanes)
    {
        bool isSupported = lanes == 32 ? Avx512F.IsSupported : Fma.IsSupported;
        if (!isSupported) Skip = $"This processor lacks the instructions for {lanes} lanes.";
    }
}
