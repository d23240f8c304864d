using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary><c>dnnl_version_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DnnlVersion
{
    public readonly int Major;
    public readonly int Minor;
    public readonly int Patch;
    private readonly nint _hash;

    /// <summary>How products are spread over CPUs: 1 not at all, 2 by OpenMP.</summary>
    public readonly uint Runtime;
    private readonly uint _gpuRuntime;

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
