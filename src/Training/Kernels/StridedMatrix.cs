namespace AgentKit.Training.Kernels;

/// <summary>Numbers in single precision, of which (outer, inner) lies at <c>data + outer · outerStride + inner · innerStride</c>.</summary>
internal readonly unsafe struct StridedMatrix(float* data, long outerStride, long innerStride)
{
    public float* Data { get; } = data;

    public long OuterStride { get; } = outerStride;

    public long InnerStride { get; } = innerStride;

    /// <summary>The part that begins at an element.</summary>
    public StridedMatrix From(long outer, long inner) => new(Data + (outer * OuterStride) + (inner * InnerStride), OuterStride, InnerStride);
}
