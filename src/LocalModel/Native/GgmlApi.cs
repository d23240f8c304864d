using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>The part of <c>ggml.h</c> and <c>ggml-backend.h</c> that AgentKit calls: backends, devices, bytes of tensors, storage types.</summary>
internal static unsafe partial class GgmlApi
{
    // The registry lives in "ggml", device accessors in "ggml-base".
    private const string Registry = "ggml";
    private const string Base = "ggml-base";

    [LibraryImport(Registry, EntryPoint = "ggml_backend_load_all_from_path", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void LoadAllBackends(string directory);

    [LibraryImport(Registry, EntryPoint = "ggml_backend_dev_count")]
    public static partial nuint DeviceCount();

    [LibraryImport(Registry, EntryPoint = "ggml_backend_dev_get")]
    public static partial nint DeviceGet(nuint index);

    [LibraryImport(Base, EntryPoint = "ggml_backend_cpu_buffer_type")]
    public static partial nint CpuBufferType();

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_name")]
    public static partial byte* DeviceName(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_description")]
    public static partial byte* DeviceDescription(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_type")]
    public static partial int DeviceType(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_memory")]
    public static partial void DeviceMemory(nint device, out nuint free, out nuint total);

    [LibraryImport(Base, EntryPoint = "ggml_backend_dev_backend_reg")]
    public static partial nint DeviceRegistration(nint device);

    [LibraryImport(Base, EntryPoint = "ggml_backend_reg_get_proc_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint RegistrationFunction(nint registration, string name);

    [LibraryImport(Base, EntryPoint = "ggml_backend_tensor_get")]
    public static partial void TensorGet(GgmlTensor* tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base, EntryPoint = "ggml_backend_tensor_set")]
    public static partial void TensorSet(GgmlTensor* tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base, EntryPoint = "ggml_nbytes")]
    public static partial nuint TensorBytes(GgmlTensor* tensor);

    /// <summary>A static text.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_op_name")]
    public static partial byte* OperationName(int operation);

    /// <summary>Never null for a type that ggml knows; it ends the process for others.</summary>
    [LibraryImport(Base, EntryPoint = "ggml_get_type_traits")]
    public static partial GgmlTypeTraits* TypeTraits(int type);

    /// <summary>Stores rows of floats; safe to call from several threads.</summary>
    /// <returns>Bytes written.</returns>
    [LibraryImport(Base, EntryPoint = "ggml_quantize_chunk")]
    public static partial nuint QuantizeRows(int type, float* source, void* destination, long start, long rows, long columns, float* importance);
}
