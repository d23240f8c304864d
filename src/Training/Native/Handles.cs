using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary>Owns a <c>ggml_backend</c>.</summary>
internal sealed class BackendHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ggml.BackendFree(handle);
        return true;
    }
}

/// <summary>Owns a <c>ggml_backend_buffer</c>.</summary>
internal sealed class BufferHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ggml.BufferFree(handle);
        return true;
    }
}

/// <summary>Owns a <c>ggml_gallocr</c>.</summary>
internal sealed class GraphAllocatorHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ggml.AllocatorFree(handle);
        return true;
    }
}

/// <summary>Owns a <c>ggml_context</c>: the descriptions of tensors, not their data.</summary>
internal sealed class TensorContextHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Ggml.Free(handle);
        return true;
    }
}
