using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary><c>llama_model_quantize_params</c> of llama.cpp v0.5.0, 64 bytes. C <c>bool</c> fields are bytes so that the struct is blittable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaQuantizeParams
{
    public int Threads;
    public int FileType;
    public int OutputTensorType;
    public int TokenEmbeddingType;
    public byte AllowRequantize;
    public byte QuantizeOutput;
    public byte OnlyCopy;
    public byte Pure;
    public byte KeepSplit;
    public byte DryRun;
    public nint ImportanceMatrix;
    public nint KeyValueOverrides;
    public nint TensorOverrides;
    public nint PruneLayers;
    public nuint MaxBufferSize;
}
