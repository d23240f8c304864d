using System.Numerics.Tensors;

namespace AgentKit.Training.Engine;

/// <summary>
/// Log-probabilities of a pack's predictions, a chunk at a time. Logits stay for the backward pass where they fit into what may be kept; else they are computed anew.
/// </summary>
internal sealed class LogitHead : IPackHead
{
    private readonly BaseModel _model;
    private readonly FullWeights? _full;
    private readonly GgmlBackend _backend;
    private readonly Pack _pack;
    private readonly int _vocabulary;
    private readonly double _temperature;
    private readonly bool _fits;
    private readonly Range[] _ranges;
    private readonly HeadChunk?[] _chunks;

    /// <param name="model">The weights.</param>
    /// <param name="full">The same where they are trained.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="pack">What is predicted.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="temperature">Divides logits before they become probabilities.</param>
    public LogitHead(BaseModel model, FullWeights? full, GgmlBackend backend, Pack pack, EngineOptions options, double temperature)
    {
        (_model, _full, _backend, _pack, _temperature) = (model, full, backend, pack, temperature);
        int rows = pack.Rows.Length;
        _vocabulary = (int)model.Architecture.Vocabulary;
        _fits = rows * model.Architecture.Vocabulary * sizeof(float) <= options.KeptBytes / 4;
        _ranges = [.. Enumerable.Range(0, (rows + options.HeadChunk - 1) / options.HeadChunk)
            .Select(chunk => (chunk * options.HeadChunk)..Math.Min(rows, (chunk + 1) * options.HeadChunk))];
        _chunks = new HeadChunk?[_ranges.Length];
    }

    /// <summary>Whether the way back will be asked for.</summary>
    public bool Learns { get; init; }

    /// <summary>The logits of each prediction.</summary>
    public IEnumerable<float[]> Logits(nint output, bool asLlama = false)
    {
        for (int i = 0; i < _ranges.Length; i++)
        {
            var logits = new float[Count(i) * _vocabulary];
            Read(i, output, logits, asLlama);
            foreach (float[] row in logits.Chunk(_vocabulary)) yield return row;
        }
    }

    /// <inheritdoc/>
    public double[] Outputs(nint output)
    {
        var buffer = new float[Count(0) * _vocabulary];
        var exponents = new double[_vocabulary];
        var result = new double[_pack.Rows.Length];
        for (int i = 0; i < _ranges.Length; i++)
        {
            Span<float> logits = buffer.AsSpan(0, Count(i) * _vocabulary);
            Read(i, output, logits, asLlama: false);
            for (int row = 0; row < Count(i); row++)
            {
                int place = _ranges[i].Start.Value + row;
                result[place] = LogProbability(logits.Slice(row * _vocabulary, _vocabulary), _pack.Targets[place], _temperature, exponents);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        for (int i = 0; i < _ranges.Length; i++)
        {
            HeadChunk chunk = Take(i);
            chunk.AddSlope(output, slope, coefficients[_ranges[i]]);
            Release(i, chunk);
        }
    }

    public void Dispose()
    {
        foreach (HeadChunk? chunk in _chunks) chunk?.Dispose();
    }

    private int Count(int i) => _ranges[i].End.Value - _ranges[i].Start.Value;

    private void Read(int i, nint output, Span<float> logits, bool asLlama)
    {
        HeadChunk chunk = Take(i);
        chunk.Logits(output, logits, asLlama);
        Release(i, chunk);
    }

    private HeadChunk Take(int i) => _chunks[i] ??= new(_model, _full, _backend, _pack.Rows.AsSpan(_ranges[i]), _pack.Targets.AsSpan(_ranges[i]), (float)_temperature);

    private void Release(int i, HeadChunk chunk)
    {
        if (_fits && Learns) return;
        chunk.Dispose();
        _chunks[i] = null;
    }

    /// <summary>In double precision: training compares losses to more digits than a float has.</summary>
    private static double LogProbability(ReadOnlySpan<float> logits, int target, double temperature, Span<double> exponents)
    {
        double most = TensorPrimitives.Max(logits);
        TensorPrimitives.ConvertChecked(logits, exponents);
        TensorPrimitives.Subtract(exponents, most, exponents);
        TensorPrimitives.Divide(exponents, temperature, exponents);
        double chosen = exponents[target];
        TensorPrimitives.Exp(exponents, exponents);
        return chosen - Math.Log(TensorPrimitives.Sum<double>(exponents));
    }
}
