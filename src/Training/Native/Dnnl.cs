using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary>
/// The part of <c>dnnl.h</c> that products in bfloat16 call: Intel's oneDNN, versions 2 and 3, where the system has it. Statuses are 0 for success; descriptions and other
/// objects are pointers.
/// </summary>
internal static unsafe partial class Dnnl
{
    /// <summary>The name that <see cref="Ggml"/>'s resolver knows.</summary>
    public const string Library = "dnnl";

    public const int Cpu = 1, BFloat16 = 2, Single = 3, UserScratchpad = 1, InOrder = 1, ScratchpadQuery = 136;

    /// <summary>Version 2 describes memory (696 bytes) and products (2,800) in structures of the caller's.</summary>
    public const int DescriptionBytes = 4096;

    private const int Sequential = 1, OpenMp = 2;

    private static readonly string[] Files = OperatingSystem.IsWindows() ? ["dnnl.dll"] : ["libdnnl.so.2", "libdnnl.so.3"];

    /// <summary>Whoever calls this library first may have called nothing of ggml's yet, whose resolver finds it.</summary>
    static Dnnl() => RuntimeHelpers.RunClassConstructor(typeof(Ggml).TypeHandle);

    /// <summary>The loaded library; 0 where there is none.</summary>
    public static nint Handle { get; } = Files.Select(file => NativeLibrary.TryLoad(file, out nint handle) ? handle : 0).FirstOrDefault(handle => handle != 0);

    /// <summary>What was found; <c>null</c> where no library can be used: one that could not be kept to the calling thread would get in the way of ggml's.</summary>
    public static DnnlVersion? Version { get; } = Handle != 0 && FoundVersion() is { Major: 2 or 3 } found && (found.Runtime == Sequential || IsOpenMp(found)) ? found : null;

    [LibraryImport(Library, EntryPoint = "dnnl_engine_create")]
    public static partial int EngineCreate(out nint engine, int kind, nuint index);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_create")]
    public static partial int StreamCreate(out nint stream, nint engine, int flags);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_destroy")]
    public static partial int StreamDestroy(nint stream);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_attr_create")]
    public static partial int AttributesCreate(out nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_attr_set_scratchpad_mode")]
    public static partial int SetScratchpadMode(nint attributes, int mode);

    /// <summary>Version 2.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_init_by_strides")]
    public static partial int DescribeMemory(nint description, int dimensions, long* sizes, int type, long* strides);

    /// <summary>Version 3.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_create_with_strides")]
    public static partial int CreateDescription(out nint description, int dimensions, long* sizes, int type, long* strides);

    /// <summary>Version 3.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_destroy")]
    public static partial int DescriptionDestroy(nint description);

    /// <summary>Version 2.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_matmul_desc_init")]
    public static partial int DescribeProduct(nint description, nint source, nint weights, nint bias, nint target);

    /// <summary>Version 2.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_create")]
    public static partial int PlanCreate(out nint plan, nint description, nint attributes, nint engine, nint hint);

    /// <summary>Version 3.</summary>
    [LibraryImport(Library, EntryPoint = "dnnl_matmul_primitive_desc_create")]
    public static partial int ProductPlanCreate(out nint plan, nint engine, nint source, nint weights, nint bias, nint target, nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_destroy")]
    public static partial int PlanDestroy(nint plan);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_query_md")]
    public static partial nint MemoryOf(nint plan, int query, int index);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_get_size")]
    public static partial nuint Bytes(nint description);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_create")]
    public static partial int PrimitiveCreate(out nint primitive, nint plan);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_destroy")]
    public static partial int PrimitiveDestroy(nint primitive);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_execute")]
    public static partial int Execute(nint primitive, nint stream, int count, DnnlArgument* arguments);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_create")]
    public static partial int MemoryCreate(out nint memory, nint description, nint engine, void* data);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_destroy")]
    public static partial int MemoryDestroy(nint memory);

    /// <summary>Threads of the products that the calling thread starts. The linker finds it in the library's own OpenMP runtime.</summary>
    [LibraryImport(Library, EntryPoint = "omp_set_num_threads")]
    private static partial void SetThreads(int threads);

    /// <summary>Keeps what the calling thread starts to that thread.</summary>
    public static void StayOnThread()
    {
        if (Version is { Runtime: OpenMp }) SetThreads(1);
    }

    private static DnnlVersion FoundVersion() => *((delegate* unmanaged[Cdecl]<DnnlVersion*>)NativeLibrary.GetExport(Handle, "dnnl_version"))();

    private static bool IsOpenMp(DnnlVersion version) => version.Runtime == OpenMp && NativeLibrary.TryGetExport(Handle, "omp_set_num_threads", out _);
}
