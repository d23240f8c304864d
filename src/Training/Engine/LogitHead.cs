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
    private readonly bool _keeps;
    private readonly Range[] _ranges;
    private readonly HeadChunk?[] _chunks;

    public LogitHead(BaseModel model, FullWeights? full, GgmlBackend backend, Pack pack, EngineOptions options)
    {
        (_model, _full, _backend, _pack) = (model, full, backend, pack);
        int rows = pack.Rows.Length;
        _keeps = rows * model.Architecture.Vocabulary * sizeof(float) <= options.KeptBytes / 4;
        _ranges = [.. Enumerable.Range(0, (rows + options.HeadChunk - 1) / options.HeadChunk)
            .Select(chunk => (chunk * options.HeadChunk)..Math.Min(rows, (chunk + 1) * options.HeadChunk))];
        _chunks = new HeadChunk?[_ranges.Length];
    }

    /// <summary>The logits of each prediction.</summary>
    public IEnumerable<float[]> Logits(nint output, bool asLlama = false)
    {
        for (int i = 0; i < _ranges.Length; i++)
        {
            HeadChunk chunk = Take(i);
            foreach (float[] row in chunk.Logits(output, asLlama).Chunk((int)_model.Architecture.Vocabulary)) yield return row;
            Release(i, chunk);
        }
    }

    /// <inheritdoc/>
    public double[] Outputs(nint output)
    {
        int row = 0;
        var exponents = new double[_model.Architecture.Vocabulary];
        var result = new double[_pack.Rows.Length];
        foreach (float[] logits in Logits(output))
        {
            result[row] = LogProbability(logits, _pack.Targets[row], exponents);
            row++;
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

    private HeadChunk Take(int i) => _chunks[i] ??= new(_model, _full, _backend, _pack.Rows.AsSpan(_ranges[i]), _pack.Targets.AsSpan(_ranges[i]));

    private void Release(int i, HeadChunk chunk)
    {
        if (_keeps) return;
        chunk.Dispose();
        _chunks[i] = null;
    }

    /// <summary>In double precision: training compares losses to more digits than a float has.</summary>
    private static double LogProbability(ReadOnlySpan<float> logits, int target, Span<double> exponents)
    {
        double most = TensorPrimitives.Max(logits);
        TensorPrimitives.ConvertChecked(logits, exponents);
        TensorPrimitives.Subtract(exponents, most, exponents);
        TensorPrimitives.Exp(exponents, exponents);
        return logits[target] - most - Math.Log(TensorPrimitives.Sum<double>(exponents));
    }
}
