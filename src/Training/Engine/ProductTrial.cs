using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>A layer's products, y = W·x with both derivatives, in one way of multiplying.</summary>
internal sealed class ProductTrial : IDisposable
{
    private const int Nodes = 32;

    private readonly GgmlBackend _backend;
    private readonly TensorSet _tensors = new(6);
    private readonly Tape _tape;
    private readonly nint _inputSlope, _weightSlope;
    private readonly (int Inputs, int Outputs, int Tokens) _sizes;

    public ProductTrial(ProductPath path, (long Inputs, long Outputs, int Tokens) sizes, int threads)
    {
        _sizes = ((int)sizes.Inputs, (int)sizes.Outputs, sizes.Tokens);
        _backend = GgmlBackend.OpenCpu(threads, path);
        nint weight = Add(sizes.Inputs, sizes.Outputs), x = Add(sizes.Inputs, sizes.Tokens), slope = Add(sizes.Outputs, sizes.Tokens), y = Add(sizes.Outputs, sizes.Tokens);
        (_inputSlope, _weightSlope) = (Add(sizes.Inputs, sizes.Tokens), Add(sizes.Inputs, sizes.Outputs));
        _tensors.Allocate(_backend);
        var random = new Random(1);
        Fill(weight, _sizes.Inputs * _sizes.Outputs, random);
        Fill(x, _sizes.Inputs * _sizes.Tokens, random);
        Fill(slope, _sizes.Outputs * _sizes.Tokens, random);
        _tape = new(_backend, Nodes);
        nint output = _tape.MatMul(_tape.Leaf(weight), _tape.Leaf(x));
        _tape.Store(output, y);
        _tape.Backward(output, slope);
        _tape.Store(_tape.GradientOf(x), _inputSlope);
        _tape.Store(_tape.GradientOf(weight), _weightSlope);
    }

    /// <summary>Computes all three products.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan Run()
    {
        long start = TimeProvider.System.GetTimestamp();
        _tape.Run();
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Both derivatives of the last run.</summary>
    public float[] Slopes()
    {
        var slopes = new float[_sizes.Inputs * (_sizes.Tokens + _sizes.Outputs)];
        GgmlBackend.Read(_inputSlope, slopes.AsSpan(0, _sizes.Inputs * _sizes.Tokens));
        GgmlBackend.Read(_weightSlope, slopes.AsSpan(_sizes.Inputs * _sizes.Tokens));
        return slopes;
    }

    public void Dispose()
    {
        _tape.Dispose();
        _tensors.Dispose();
        _backend.Dispose();
    }

    private nint Add(long size0, long size1) => _tensors.Add(GgmlType.F32, size0, size1);

    private static void Fill(nint tensor, int count, Random random)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (random.NextSingle() * 2) - 1;
        GgmlBackend.Write<float>(tensor, values);
    }
}
