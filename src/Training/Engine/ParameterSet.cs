namespace AgentKit.Training.Engine;

/// <summary>What training changes: numbers on the device and as one list here, with their gradients in the same order.</summary>
internal abstract class ParameterSet : IDisposable
{
    private readonly TensorSet _slopes;
    private readonly List<(nint Weight, nint Slope, Range Place)> _parts = [];
    private int _count;

    /// <param name="capacity">Most tensors.</param>
    protected ParameterSet(int capacity) => _slopes = new(capacity);

    /// <summary>All weights, tensor by tensor.</summary>
    public float[] Values { get; private set; } = [];

    /// <summary>What <see cref="DownloadGradient"/> read, in the order of <see cref="Values"/>.</summary>
    public float[] Gradient { get; private set; } = [];

    /// <summary>How many of <see cref="Values"/>, from the first, weight decay pulls to zero.</summary>
    public int Decayed { get; protected set; }

    /// <summary>Makes changed <see cref="Values"/> count in the next graph.</summary>
    public void Upload()
    {
        foreach ((nint weight, _, Range place) in _parts) GgmlBackend.Write<float>(weight, Values.AsSpan(place));
    }

    /// <summary>Takes other weights.</summary>
    public void Replace(ReadOnlySpan<float> values)
    {
        values.CopyTo(Values);
        Upload();
    }

    public void DownloadGradient()
    {
        foreach ((_, nint slope, Range place) in _parts) GgmlBackend.Read(slope, Gradient.AsSpan(place));
    }

    public void ClearGradient() => _slopes.Clear();

    public virtual void Dispose() => _slopes.Dispose();

    /// <summary>Adds a tensor to what is trained, and makes room for its gradient.</summary>
    /// <returns>The tensor that holds the gradient.</returns>
    protected nint Track(nint weight, params ReadOnlySpan<long> sizes)
    {
        nint slope = _slopes.Add(Models.Gguf.GgmlType.F32, sizes);
        long count = 1;
        foreach (long size in sizes) count *= size;
        int end = checked(_count + (int)count);
        _parts.Add((weight, slope, _count..end));
        _count = end;
        return slope;
    }

    /// <summary>Takes the memory, when every tensor is known.</summary>
    protected void Allocate(GgmlBackend backend)
    {
        _slopes.Allocate(backend);
        (Values, Gradient, Decayed) = (new float[_count], new float[_count], _count);
        ClearGradient();
    }

    /// <summary>Takes the weights from the device.</summary>
    protected void Download()
    {
        foreach ((nint weight, _, Range place) in _parts) GgmlBackend.Read(weight, Values.AsSpan(place));
    }
}
