using AgentKit.Models.Gguf;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>
/// The last norm and the logits of some positions. Logits never exist for more positions than a chunk has, whatever the vocabulary and the number of tokens.
/// </summary>
internal sealed class HeadChunk : IDisposable
{
    private const int MaxNodes = 64;

    private readonly BaseModel _model;
    private readonly GgmlBackend _backend;
    private readonly TensorSet _set;
    private readonly nint _rows;
    private readonly nint _targets;
    private readonly nint _coefficients;
    private readonly nint _logits;
    private readonly int _count;

    /// <param name="model">The frozen weights.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">Positions in the pack.</param>
    /// <param name="targets">The token each position should predict.</param>
    public HeadChunk(BaseModel model, GgmlBackend backend, ReadOnlySpan<int> rows, ReadOnlySpan<int> targets)
    {
        (_model, _backend, _count) = (model, backend, rows.Length);
        _set = new(4);
        _rows = _set.Add(GgmlType.I32, _count);
        _targets = _set.Add(GgmlType.I32, _count);
        _coefficients = _set.Add(GgmlType.F32, 1, _count);
        _logits = _set.Add(GgmlType.F32, model.Architecture.Vocabulary, _count);
        _set.Allocate(backend);
        GgmlBackend.Write(_rows, rows);
        GgmlBackend.Write(_targets, targets);
    }

    /// <summary>The logits [positions][vocabulary], one row after another.</summary>
    public float[] Logits(nint output)
    {
        using var tape = new Tape(_backend, MaxNodes);
        tape.Store(tape.MatMul(_model[_model.Architecture.OutputName], Normed(tape, output)), _logits);
        tape.Run();
        var logits = new float[_count * _model.Architecture.Vocabulary];
        GgmlBackend.Read(_logits, logits);
        return logits;
    }

    /// <summary>
    /// Adds the derivative of Σ c·log p(target) by the last block's output. With p the softmax, W the output matrix and h the normed output that is
    /// Wᵀ·c·(onehot − p) = c·(W[target] − Wᵀp), so no matrix of one-hot rows is needed.
    /// </summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slope">The sum it is added to, of the same shape.</param>
    /// <param name="coefficients">c for each position.</param>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        GgmlBackend.Write(_coefficients, coefficients);
        using var tape = new Tape(_backend, MaxNodes);
        tape.Leaf(output);
        nint weight = _model[_model.Architecture.OutputName];
        nint normed = Normed(tape, output);
        nint transposed = tape.TransposedConstant(weight);
        nint normedSlope = tape.Plain(context =>
        {
            nint expected = Ggml.MatMul(context, transposed, Ggml.SoftMax(context, Ggml.MatMul(context, weight, normed)));
            return Ggml.Multiply(context, Ggml.Subtract(context, Ggml.GetRows(context, weight, _targets), expected), _coefficients);
        });
        tape.Backward(normed, normedSlope);
        tape.AddTo(tape.GradientOf(output), slope);
        tape.Run();
    }

    public void Dispose() => _set.Dispose();

    private nint Normed(Tape tape, nint output) =>
        tape.RmsNorm(tape.Rows(output, _rows), _model["output_norm.weight"], _model.Architecture.NormEpsilon);
}
