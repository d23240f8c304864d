namespace AgentKit.Training.Engine;

/// <summary>
/// A loss for each prediction of a pack, computed from its logits a chunk at a time. What is kept for the way back is the derivative by the last block's output, which is
/// as narrow as the model: logits, and what a loss compares them with, never exist for more positions than a chunk has.
/// </summary>
/// <param name="model">The frozen weights.</param>
/// <param name="backend">Computes.</param>
/// <param name="pack">The pack.</param>
/// <param name="loss">The loss.</param>
/// <param name="chunk">Most positions at once.</param>
/// <param name="learns">Whether the way back will be asked for.</param>
internal sealed class LogitLossHead(BaseModel model, GgmlBackend backend, Pack pack, LogitLoss loss, int chunk, bool learns) : IPackHead
{
    private readonly int _width = (int)model.Architecture.Embedding;
    private readonly float[] _slopes = learns ? new float[pack.Rows.Length * (int)model.Architecture.Embedding] : [];

    /// <summary>The losses, [predictions].</summary>
    public double[] Outputs(nint output)
    {
        int rows = pack.Rows.Length, vocabulary = (int)model.Architecture.Vocabulary;
        var losses = new double[rows];
        var logits = new float[Math.Min(rows, chunk) * vocabulary];
        var slopes = new float[logits.Length];
        for (int begin = 0; begin < rows; begin += chunk)
        {
            int count = Math.Min(chunk, rows - begin);
            using var part = new HeadChunk(model, null, backend, pack.Rows.AsSpan(begin, count), pack.Targets.AsSpan(begin, count));
            part.Logits(output, logits.AsSpan(0, count * vocabulary));
            for (int row = 0; row < count; row++)
                losses[begin + row] = loss(pack, begin + row, logits.AsSpan(row * vocabulary, vocabulary), slopes.AsSpan(row * vocabulary, vocabulary));
            if (learns) part.Slopes(output, slopes.AsSpan(0, count * vocabulary), _slopes.AsSpan(begin * _width, count * _width));
        }

        return losses;
    }

    /// <inheritdoc/>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        for (int row = 0; row < coefficients.Length; row++)
        {
            foreach (ref float value in _slopes.AsSpan(row * _width, _width)) value *= coefficients[row];
        }

        HeadChunk.AddSlopes(backend, pack.Rows, _slopes, output, slope);
    }

    public void Dispose()
    {
    }
}
