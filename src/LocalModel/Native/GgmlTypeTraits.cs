using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary><c>ggml_type_traits</c> of llama.cpp v0.5.0: how a storage type is read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlTypeTraits
{
    public byte* Name;
    public long BlockElements;
    public long InterleavedElements;
    public nuint BlockBytes;
    public byte IsQuantized;

    /// <summary>Restores floats from whole blocks; null for a type that only dot products use.</summary>
    public delegate* unmanaged[Cdecl]<void*, float*, long, void> ToFloats;
    public nint FromFloats;
}
