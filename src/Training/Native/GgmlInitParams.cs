using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary><c>ggml_init_params</c>, 24 bytes. The C <c>bool</c> is a byte so that the struct is blittable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GgmlInitParams
{
    public nuint MemorySize;
    public nint MemoryBuffer;
    public byte NoAlloc;
}
