using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>Keeps a native object alive while a pointer into it is in use.</summary>
internal readonly struct HandleLease : IDisposable
{
    private readonly SafeHandle _handle;

    /// <exception cref="ObjectDisposedException">The object is gone.</exception>
    public HandleLease(SafeHandle handle)
    {
        bool referenced = false;
        handle.DangerousAddRef(ref referenced);
        _handle = handle;
    }

    public void Dispose() => _handle.DangerousRelease();
}
