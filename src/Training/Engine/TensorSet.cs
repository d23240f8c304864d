using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>Tensors with memory of their own, which keep their data between graphs.</summary>
internal sealed unsafe class TensorSet : IDisposable
{
    private readonly TensorContextHandle _context;
    private BufferHandle? _buffer;

    /// <param name="capacity">Most tensors.</param>
    public TensorSet(int capacity)
    {
        _context = Ggml.Init(new() { MemorySize = ((nuint)capacity + 1) * Ggml.TensorOverhead(), NoAlloc = 1 });
        if (_context.IsInvalid) throw new NativeRuntimeException("ggml could not create a tensor context.");
    }

    /// <summary>Describes a tensor; it has no data before <see cref="Allocate"/>.</summary>
    public nint Add(GgmlType type, params ReadOnlySpan<long> sizes)
    {
        fixed (long* pointer = sizes) return Ggml.NewTensor(_context, (int)type, sizes.Length, pointer);
    }

    /// <summary>Takes the memory.</summary>
    /// <exception cref="NativeRuntimeException">There is none left.</exception>
    public TensorSet Allocate(GgmlBackend backend)
    {
        _buffer = Ggml.AllocateTensors(_context, backend.Handle);
        return !_buffer.IsInvalid ? this : throw new NativeRuntimeException("There is not enough memory for the tensors of training.");
    }

    /// <summary>Sets every byte to 0.</summary>
    public void Clear() => Ggml.BufferClear(_buffer!, 0);

    public void Dispose()
    {
        _buffer?.Dispose();
        _context.Dispose();
    }
}
