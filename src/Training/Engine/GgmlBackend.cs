using System.Runtime.InteropServices;
using AgentKit.Models;
using AgentKit.Models.Native;
using AgentKit.Training.Kernels;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>A device that computes graphs, and the memory its graphs share.</summary>
internal sealed unsafe class GgmlBackend : IDisposable
{
    private const int Cpu = 0, Gpu = 1;

    /// <summary>What ggml keeps beside each tensor.</summary>
    private const int ObjectBytes = 32;

    private readonly GraphAllocatorHandle _allocator;
    private readonly GraphAllocatorHandle _kept;

    private readonly bool _checksOperations;
    private bool _canKeep = true;

    private GgmlBackend(BackendHandle handle, bool checksOperations, ProductPath products)
    {
        if ((int)Ggml.TensorOverhead() != sizeof(GgmlTensor) + ObjectBytes)
        {
            throw new NativeRuntimeException(
                $"ggml describes a tensor in {Ggml.TensorOverhead()} bytes; training was made for the {sizeof(GgmlTensor) + ObjectBytes} of llama.cpp v0.5.0.");
        }

        (Handle, _checksOperations, Products) = (handle, checksOperations, products);
        _allocator = Ggml.AllocatorNew(Ggml.BackendBufferType(handle));
        _kept = Ggml.AllocatorNew(Ggml.BackendBufferType(handle));
    }

    public BackendHandle Handle { get; }

    /// <summary>Bytes that graphs take beside tensors with memory of their own: as many as the largest needed so far.</summary>
    public long GraphBytes => (long)(Ggml.AllocatorBytes(_allocator, 0) + Ggml.AllocatorBytes(_kept, 0));

    /// <summary>How matrices in single precision are multiplied; never <see cref="ProductPath.Auto"/>.</summary>
    public ProductPath Products { get; }

    /// <summary>The CPU backend. Waiting threads spin, so more threads than free cores make it many times slower.</summary>
    /// <param name="threads">Threads.</param>
    /// <param name="products">How matrices are multiplied; not <see cref="ProductPath.Auto"/>.</param>
    /// <exception cref="NativeRuntimeException">The libraries are missing or have no CPU backend, or this machine does not multiply so.</exception>
    public static GgmlBackend OpenCpu(int threads, ProductPath products)
    {
        if (!ProductChoice.Available.Contains(products)) throw new NativeRuntimeException(Missing(products));
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);
        BackendHandle handle = Ggml.BackendInit(Cpu, 0);
        if (handle.IsInvalid) throw new NativeRuntimeException("llama.cpp's libraries could not start their CPU backend.");
        nint setThreads = Ggml.RegistrationFunction(Ggml.DeviceRegistration(Ggml.BackendDevice(handle)), "ggml_backend_set_n_threads");
        if (setThreads != 0) ((delegate* unmanaged[Cdecl]<nint, int, void>)setThreads)(handle.DangerousGetHandle(), threads);
        return new(handle, checksOperations: false, products);
    }

    /// <summary>The first GPU. Every operation of every graph is asked for before it runs: nothing is left to the CPU silently, and nothing aborts.</summary>
    /// <exception cref="NativeRuntimeException">The libraries are missing, or know no GPU here.</exception>
    public static GgmlBackend OpenGpu()
    {
        if (NativeRuntime.Probe().Fault is { } fault) throw new NativeRuntimeException(fault);
        BackendHandle handle = Ggml.BackendInit(Gpu, 0);
        return !handle.IsInvalid
            ? new(handle, checksOperations: true, ProductPath.Ggml)
            : throw new NativeRuntimeException(
                "llama.cpp's libraries found no GPU; build with -p:LlamaBackend=cuda or vulkan on a machine that has one, or train with device cpu.");
    }

    /// <summary>Gives the graph's tensors memory and computes it. What is read afterwards lies in a <see cref="TensorSet"/>.</summary>
    /// <exception cref="NativeRuntimeException">There is no memory, or the backend failed.</exception>
    public void Compute(nint graph)
    {
        if (_checksOperations) RefuseUnsupported(graph);
        if (!Ggml.AllocateGraph(_allocator, graph)) throw new NativeRuntimeException("There is not enough memory for a training step; take fewer tokens a batch.");
        Run(graph);
    }

    /// <summary>Gives the graph's tensors memory that other graphs leave alone, until it is asked for again.</summary>
    /// <returns>Whether there is so much; once there was not, it is not tried again.</returns>
    public bool AllocateKept(nint graph)
    {
        if (_checksOperations) RefuseUnsupported(graph);
        // ggml's allocator must not be used after it found no memory: it would take the plan that it could not carry out for one that it has.
        _canKeep = _canKeep && Ggml.AllocateGraph(_kept, graph);
        return _canKeep;
    }

    /// <summary>Computes a graph whose tensors have memory.</summary>
    /// <exception cref="NativeRuntimeException">The backend failed.</exception>
    public void Run(nint graph)
    {
        int status = Ggml.BackendCompute(Handle, graph);
        if (status != 0) throw new NativeRuntimeException($"The backend could not compute a training step (ggml status {status}).");
        if (Products == ProductPath.OneDnn) RoundedProduct.ThrowIfFailed();
    }

    private static string Missing(ProductPath products) => products == ProductPath.OneDnn
        ? "Products by oneDNN need libdnnl 2 or 3 with OpenMP (Debian and Ubuntu: apt install libdnnl2 or libdnnl3)."
        : "Own products need a processor with AVX2 and FMA, or AVX-512.";

    private void RefuseUnsupported(nint graph)
    {
        for (int i = 0; i < Ggml.NodeCount(graph); i++)
        {
            nint node = Ggml.Node(graph, i);
            if (Ggml.BackendSupports(Handle, node)) continue;
            string name = Marshal.PtrToStringUTF8(Ggml.OperationName(node)) ?? "an operation";
            throw new NativeRuntimeException($"The GPU cannot compute {name} as training needs it with this model; train with device cpu.");
        }
    }

    public static void Write<T>(nint tensor, ReadOnlySpan<T> data, long offset = 0)
        where T : unmanaged
    {
        fixed (T* source = data) Ggml.TensorSet(tensor, source, (nuint)offset, (nuint)data.Length * (nuint)sizeof(T));
    }

    public static void Read(nint tensor, Span<float> data)
    {
        fixed (float* target = data) Ggml.TensorGet(tensor, target, 0, (nuint)data.Length * sizeof(float));
    }

    public void Dispose()
    {
        _allocator.Dispose();
        _kept.Dispose();
        Handle.Dispose();
    }
}
