namespace AgentKit.Models;

/// <summary>What planning needs to know of a model.</summary>
/// <param name="TrainedContext">Context length it was trained for, in tokens.</param>
/// <param name="Layers">Transformer layers.</param>
/// <param name="KvBytesPerToken">Bytes of F16 keys and values for one token.</param>
/// <param name="WeightBytes">Bytes of its tensors.</param>
/// <param name="MainMemoryBytes">How many of them stay in main memory however many layers go to a GPU.</param>
internal sealed record ModelDimensions(int TrainedContext, int Layers, long KvBytesPerToken, long WeightBytes, long MainMemoryBytes = 0)
{
    /// <summary>Bytes that go to GPUs when all layers do.</summary>
    public long GpuBytes => WeightBytes - MainMemoryBytes;
}
