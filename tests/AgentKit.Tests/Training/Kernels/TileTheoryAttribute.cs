using AgentKit.Training.Kernels;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>A theory about tiles; skipped where the machine has none of the instructions that they are written for.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TileTheoryAttribute : TheoryAttribute
{
    public TileTheoryAttribute() => Skip = Tile.IsSupported ? null : "This machine has neither AVX-512 nor FMA.";
}
