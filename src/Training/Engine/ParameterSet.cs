using System.Globalization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Engine;

/// <summary>What training changes: numbers on the device and as one list here, with their gradients in the same order.</summary>
internal abstract class ParameterSet : IDisposable
{
    /// <summary>Weights, moments and averages are one array each, walked in blocks by <see cref="int"/>.</summary>
    private const long Most = (1L << 31) - 1024;

    private readonly TensorSet _slopes;
    private readonly string _setting;
    private readonly List<(nint Weight, nint Slope, Range Place)> _parts = [];
    private int _count;

    /// <param name="capacity">Most tensors.</param>
    /// <param name="setting">What their number depends on.</param>
    protected ParameterSet(int capacity, string setting) => (_slopes, _setting) = (new(capacity), setting);

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

    /// <summary>Euclidean length of the gradient, summed in double precision.</summary>
    public double GradientNorm()
    {
        double squares = 0;
        foreach (float slope in Gradient) squares += (double)slope * slope;
        return Math.Sqrt(squares);
    }

    public void ClearGradient() => _slopes.Clear();

    public virtual void Dispose() => _slopes.Dispose();

    /// <summary>Adds a tensor to what is trained, and makes room for its gradient.</summary>
    /// <returns>The tensor that holds the gradient.</returns>
    /// <exception cref="UserInputException">There would be too many weights.</exception>
    protected nint Track(nint weight, params ReadOnlySpan<long> sizes)
    {
        nint slope = _slopes.Add(Models.Gguf.GgmlType.F32, sizes);
        long count = 1;
        foreach (long size in sizes) count *= size;
        int end = EndOf(_count, count, _setting);
        _parts.Add((weight, slope, _count..end));
        _count = end;
        return slope;
    }

    /// <summary>Where a tensor's weights end among all.</summary>
    /// <param name="begin">Weights before it.</param>
    /// <param name="count">Of the tensor.</param>
    /// <param name="setting">What their number depends on.</param>
    /// <exception cref="UserInputException">There would be more than can be trained.</exception>
    internal static int EndOf(int begin, long count, string setting)
    {
        if (begin + count is var end && end <= Most) return (int)end;
        throw new UserInputException(
            setting, string.Create(CultureInfo.InvariantCulture, $"{setting}: more than {Most:N0} weights would be trained; that many are possible at most."));
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
