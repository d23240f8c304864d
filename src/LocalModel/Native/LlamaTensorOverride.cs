namespace AgentKit.Models.Native;

/// <summary><c>llama_model_tensor_buft_override</c>: where tensors go whose names match.</summary>
internal unsafe struct LlamaTensorOverride
{
    /// <summary>A regular expression, ended by a zero byte.</summary>
    public byte* Pattern;

    /// <summary>A <c>ggml_backend_buffer_type_t</c>.</summary>
    public nint BufferType;
}
