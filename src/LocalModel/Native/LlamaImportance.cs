namespace AgentKit.Models.Native;

/// <summary><c>llama_model_imatrix_data</c>: how much each input of a tensor matters. A list of them ends with a null name.</summary>
internal unsafe struct LlamaImportance
{
    /// <summary>The tensor, ended by a zero byte.</summary>
    public byte* Tensor;

    public float* Values;

    public nuint Count;
}
