using System.Reflection;
using System.Runtime.InteropServices;
using AgentKit.Models;
using AgentKit.Models.Native;

namespace AgentKit.Training.Native;

/// <summary>
/// The part of <c>ggml.h</c>, <c>ggml-alloc.h</c> and <c>ggml-backend.h</c> (llama.cpp v0.5.0) that training calls. Tensors are pointers into a
/// context and live as long as it does. Shapes have the fastest-running size first.
/// </summary>
internal static unsafe partial class Ggml
{
    private const string Base = "ggml-base";
    private const string Registry = "ggml";

    static Ggml() => NativeLibrary.SetDllImportResolver(typeof(Ggml).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name == Dnnl.Library) return Dnnl.Handle;
        return name is Base or Registry && NativeRuntime.Probe().Directory is { } directory && NativeLibraries.FindFile(directory, name) is { } file
            ? NativeLibrary.Load(file)
            : 0;
    }

    [LibraryImport(Registry, EntryPoint = "ggml_backend_init_by_type")]
    public static partial BackendHandle BackendInit(int type, nint parameters);

    [LibraryImport(Base, EntryPoint = "ggml_backend_free")]
    public static partial void BackendFree(nint backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_get_device")]
    public static partial nint BackendDevice(BackendHandle backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_backend_reg")]
    public static partial nint DeviceRegistration(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_reg_get_proc_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint RegistrationFunction(nint registration, string name);

    [LibraryImport(Base, EntryPoint = "ggml_backend_get_default_buffer_type")]
    public static partial nint BackendBufferType(BackendHandle backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_supports_op")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool BackendSupports(BackendHandle backend, nint tensor);

    /// <returns>0 when the graph was computed.</returns>
    [LibraryImport(Base, EntryPoint = "ggml_backend_graph_compute")]
    public static partial int BackendCompute(BackendHandle backend, nint graph);

    [LibraryImport(Base, EntryPoint = "ggml_backend_alloc_ctx_tensors")]
    public static partial BufferHandle AllocateTensors(TensorContextHandle context, BackendHandle backend);

    [LibraryImport(Base, EntryPoint = "ggml_backend_buffer_clear")]
    public static partial void BufferClear(BufferHandle buffer, byte value);

    [LibraryImport(Base, EntryPoint = "ggml_backend_buffer_free")]
    public static partial void BufferFree(nint buffer);

    [LibraryImport(Base, EntryPoint = "ggml_backend_tensor_set")]
    public static partial void TensorSet(nint tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base, EntryPoint = "ggml_backend_tensor_get")]
    public static partial void TensorGet(nint tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_new")]
    public static partial GraphAllocatorHandle AllocatorNew(nint bufferType);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_free")]
    public static partial void AllocatorFree(nint allocator);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_alloc_graph")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool AllocateGraph(GraphAllocatorHandle allocator, nint graph);

    [LibraryImport(Base, EntryPoint = "ggml_gallocr_get_buffer_size")]
    public static partial nuint AllocatorBytes(GraphAllocatorHandle allocator, int buffer);

    [LibraryImport(Base, EntryPoint = "ggml_init")]
    public static partial TensorContextHandle Init(GgmlInitParams parameters);

    [LibraryImport(Base, EntryPoint = "ggml_free")]
    public static partial void Free(nint context);

    [LibraryImport(Base, EntryPoint = "ggml_tensor_overhead")]
    public static partial nuint TensorOverhead();

    [LibraryImport(Base, EntryPoint = "ggml_graph_overhead_custom")]
    public static partial nuint GraphOverhead(nuint size, [MarshalAs(UnmanagedType.U1)] bool gradients);

    [LibraryImport(Base, EntryPoint = "ggml_new_graph_custom")]
    public static partial nint NewGraph(TensorContextHandle context, nuint size, [MarshalAs(UnmanagedType.U1)] bool gradients);

    [LibraryImport(Base, EntryPoint = "ggml_build_forward_expand")]
    public static partial void Expand(nint graph, nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_graph_n_nodes")]
    public static partial int NodeCount(nint graph);

    [LibraryImport(Base, EntryPoint = "ggml_graph_node")]
    public static partial nint Node(nint graph, int index);

    [LibraryImport(Base, EntryPoint = "ggml_graph_add_node")]
    public static partial void AddNode(nint graph, nint node);

    [LibraryImport(Base, EntryPoint = "ggml_nbytes")]
    public static partial nuint Bytes(nint tensor);

    /// <summary>A static text.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_op_desc")]
    public static partial nint OperationName(nint tensor);

    [LibraryImport(Base, EntryPoint = "ggml_new_tensor")]
    public static partial nint NewTensor(TensorContextHandle context, int type, int dimensions, long* sizes);

    [LibraryImport(Base, EntryPoint = "ggml_add")]
    public static partial nint Add(TensorContextHandle context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_sub")]
    public static partial nint Subtract(TensorContextHandle context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_mul")]
    public static partial nint Multiply(TensorContextHandle context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_scale")]
    public static partial nint Scale(TensorContextHandle context, nint a, float factor);

    /// <summary>factor · a + bias.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_scale_bias")]
    public static partial nint ScaleBias(TensorContextHandle context, nint a, float factor, float bias);

    [LibraryImport(Base, EntryPoint = "ggml_sqr")]
    public static partial nint Square(TensorContextHandle context, nint a);

    [LibraryImport(Base, EntryPoint = "ggml_tanh")]
    public static partial nint Tanh(TensorContextHandle context, nint a);

    /// <summary>Adds b to the part of a that begins at an offset, with a's memory as the result's.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_acc_inplace")]
    public static partial nint AddInto(TensorContextHandle context, nint a, nint b, nuint stride1, nuint stride2, nuint stride3, nuint offset);

    /// <summary>Zeros before and after along each dimension.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_pad_ext")]
    public static partial nint Pad(
        TensorContextHandle context, nint a, int before0, int after0, int before1, int after1, int before2, int after2, int before3, int after3);

    /// <summary>a [k, n], b [k, m] → [n, m], with a broadcast over b's further dimensions.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_mul_mat")]
    public static partial nint MatMul(TensorContextHandle context, nint a, nint b);

    [LibraryImport(Base, EntryPoint = "ggml_mul_mat_set_prec")]
    public static partial void MatMulPrecision(nint product, int precision);

    /// <summary>a [n, t], b [m, t] → [n, m], the sum over t of products.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_out_prod")]
    public static partial nint OuterProduct(TensorContextHandle context, nint a, nint b);

    /// <summary>An operation of our own, on the CPU: a function of the target, a thread's index, the number of threads and the user's data.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_custom_4d")]
    public static partial nint Custom(
        TensorContextHandle context, int type, long size0, long size1, long size2, long size3, nint* operands, int count, nint function, int threads, nint userData);

    [LibraryImport(Base, EntryPoint = "ggml_transpose")]
    public static partial nint Transpose(TensorContextHandle context, nint a);

    [LibraryImport(Base, EntryPoint = "ggml_permute")]
    public static partial nint Permute(TensorContextHandle context, nint a, int axis0, int axis1, int axis2, int axis3);

    [LibraryImport(Base, EntryPoint = "ggml_cont")]
    public static partial nint Contiguous(TensorContextHandle context, nint a);

    [LibraryImport(Base, EntryPoint = "ggml_cont_2d")]
    public static partial nint Contiguous2D(TensorContextHandle context, nint a, long size0, long size1);

    [LibraryImport(Base, EntryPoint = "ggml_reshape_2d")]
    public static partial nint Reshape2D(TensorContextHandle context, nint a, long size0, long size1);

    [LibraryImport(Base, EntryPoint = "ggml_reshape_3d")]
    public static partial nint Reshape3D(TensorContextHandle context, nint a, long size0, long size1, long size2);

    [LibraryImport(Base, EntryPoint = "ggml_view_3d")]
    public static partial nint View3D(
        TensorContextHandle context, nint a, long size0, long size1, long size2, nuint stride1, nuint stride2, nuint offset);

    [LibraryImport(Base, EntryPoint = "ggml_concat")]
    public static partial nint Concat(TensorContextHandle context, nint a, nint b, int dimension);

    [LibraryImport(Base, EntryPoint = "ggml_cast")]
    public static partial nint Cast(TensorContextHandle context, nint a, int type);

    [LibraryImport(Base, EntryPoint = "ggml_cpy")]
    public static partial nint Copy(TensorContextHandle context, nint from, nint to);

    [LibraryImport(Base, EntryPoint = "ggml_get_rows")]
    public static partial nint GetRows(TensorContextHandle context, nint matrix, nint rows);

    /// <summary>Adds the rows of a to the rows of a zero matrix of c's shape that b names.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_get_rows_back")]
    public static partial nint GetRowsBack(TensorContextHandle context, nint a, nint rows, nint shape);

    /// <summary>Sums what repeating b to a's shape would have copied.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_repeat_back")]
    public static partial nint RepeatBack(TensorContextHandle context, nint a, nint shape);

    [LibraryImport(Base, EntryPoint = "ggml_rms_norm")]
    public static partial nint RmsNorm(TensorContextHandle context, nint a, float epsilon);

    /// <summary>The gradient first, then the input; the header names them the other way round.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_rms_norm_back")]
    public static partial nint RmsNormBack(TensorContextHandle context, nint gradient, nint input, float epsilon);

    [LibraryImport(Base, EntryPoint = "ggml_swiglu_split")]
    public static partial nint SwiGlu(TensorContextHandle context, nint gate, nint up);

    [LibraryImport(Base, EntryPoint = "ggml_geglu_split")]
    public static partial nint GeGlu(TensorContextHandle context, nint gate, nint up);

    /// <summary>The approximation with tanh; on the CPU from a table in half precision.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_gelu")]
    public static partial nint Gelu(TensorContextHandle context, nint a);

    [LibraryImport(Base, EntryPoint = "ggml_silu")]
    public static partial nint Silu(TensorContextHandle context, nint a);

    /// <summary>The gradient first, then the input.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_silu_back")]
    public static partial nint SiluBack(TensorContextHandle context, nint gradient, nint input);

    [LibraryImport(Base, EntryPoint = "ggml_soft_max")]
    public static partial nint SoftMax(TensorContextHandle context, nint a);

    [LibraryImport(Base, EntryPoint = "ggml_soft_max_ext")]
    public static partial nint SoftMaxMasked(TensorContextHandle context, nint a, nint mask, float scale, float maxBias);

    [LibraryImport(Base, EntryPoint = "ggml_soft_max_ext_back")]
    public static partial nint SoftMaxBack(TensorContextHandle context, nint gradient, nint output, float scale, float maxBias);

    [LibraryImport(Base, EntryPoint = "ggml_rope_ext")]
    public static partial nint Rope(
        TensorContextHandle context, nint a, nint positions, nint factors, int dimensions, int mode, int originalContext,
        float frequencyBase, float frequencyScale, float extFactor, float attentionFactor, float betaFast, float betaSlow);

    [LibraryImport(Base, EntryPoint = "ggml_rope_ext_back")]
    public static partial nint RopeBack(
        TensorContextHandle context, nint a, nint positions, nint factors, int dimensions, int mode, int originalContext,
        float frequencyBase, float frequencyScale, float extFactor, float attentionFactor, float betaFast, float betaSlow);
}
