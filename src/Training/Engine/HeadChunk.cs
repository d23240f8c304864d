using AgentKit.Models.Gguf;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>
/// The last norm and the logits of some positions. Logits never exist for more positions than a chunk has, whatever the vocabulary and the number of tokens.
/// </summary>
internal sealed class HeadChunk : IDisposable
{
    private const int MaxNodes = 64;
    private const string Norm = "output_norm.weight";

    private readonly BaseModel _model;
    private readonly GgmlBackend _backend;
    private readonly FullWeights? _full;
    private readonly TensorSet _set;
    private readonly nint _rows;
    private readonly nint _targets;
    private readonly nint _coefficients;
    private readonly nint _logits;
    private readonly int _count;
    private bool _computed;

    /// <param name="model">The weights.</param>
    /// <param name="full">The same where they are trained.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">Positions in the pack.</param>
    /// <param name="targets">The token each position should predict.</param>
    public HeadChunk(BaseModel model, FullWeights? full, GgmlBackend backend, ReadOnlySpan<int> rows, ReadOnlySpan<int> targets)
    {
        (_model, _full, _backend, _count) = (model, full, backend, rows.Length);
        _set = new(4);
        _rows = _set.Add(GgmlType.I32, _count);
        _targets = _set.Add(GgmlType.I32, _count);
        _coefficients = _set.Add(GgmlType.F32, 1, _count);
        _logits = _set.Add(GgmlType.F32, model.Architecture.Vocabulary, _count);
        _set.Allocate(backend);
        GgmlBackend.Write(_rows, rows);
        GgmlBackend.Write(_targets, targets);
    }

    /// <summary>Reads the logits [positions][vocabulary], one row after another.</summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="logits">Where to.</param>
    /// <param name="asLlama">Whether every sum is to be taken in llama.cpp's order.</param>
    public void Logits(nint output, Span<float> logits, bool asLlama = false)
    {
        using var tape = new Tape(_backend, MaxNodes, asLlama);
        tape.Store(tape.Scale(tape.MatMul(_model[_model.Architecture.OutputName], Normed(tape, output)), _model.Architecture.LogitScale), _logits);
        tape.Run();
        _computed = true;
        GgmlBackend.Read(_logits, logits);
    }

    /// <summary>
    /// Adds the derivative of Σ c·log p(target) by the last block's output, and by the head's weights where they are trained. With p the softmax, W the
    /// output matrix and h the normed output, that by h is Wᵀ·c·(onehot − p) = c·(W[target] − Wᵀp), so no matrix of one-hot rows is needed.
    /// </summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slope">The sum it is added to, of the same shape.</param>
    /// <param name="coefficients">c for each position.</param>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        // The derivative of a scaled logit has its scale.
        float scale = _model.Architecture.LogitScale;
        GgmlBackend.Write<float>(_coefficients, Array.ConvertAll(coefficients.ToArray(), value => value * scale));
        using var tape = new Tape(_backend, MaxNodes);
        tape.Leaf(output);
        nint weight = _model[_model.Architecture.OutputName];
        nint normed = Normed(tape, output);
        nint transposed = tape.TransposedConstant(weight);
        nint probabilities = tape.Plain(context => Ggml.SoftMax(context, _computed ? _logits : Ggml.Scale(context, tape.Product(weight, normed), scale)));
        nint expected = tape.Product(transposed, probabilities);
        nint normedSlope = tape.Plain(context => Ggml.Multiply(context, Ggml.Subtract(context, Ggml.GetRows(context, weight, _targets), expected), _coefficients));
        tape.Backward(normed, normedSlope);
        tape.AddTo(tape.GradientOf(output), slope);
        if (_full is not null) AddWeightSlopes(tape, normed, probabilities, _full);
        tape.Run();
    }

    /// <summary>Reads the derivative of Σ slope·logit by each position's output of the last block, [positions][embedding].</summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slopes">A slope for each logit, [positions][vocabulary]; they take the place of the logits.</param>
    /// <param name="result">Where to.</param>
    public void Slopes(nint output, ReadOnlySpan<float> slopes, Span<float> result)
    {
        GgmlBackend.Write(_logits, slopes);
        _computed = false;
        using var set = new TensorSet(1);
        nint target = set.Add(GgmlType.F32, _model.Architecture.Embedding, _count);
        set.Allocate(_backend);
        using var tape = new Tape(_backend, MaxNodes);
        nint picked = tape.Leaf(tape.Rows(output, _rows));
        nint normed = tape.RmsNorm(picked, _model[Norm], _model.Architecture.NormEpsilon);
        nint normedSlope = tape.Scale(tape.Product(tape.TransposedConstant(_model[_model.Architecture.OutputName]), _logits), _model.Architecture.LogitScale);
        tape.Backward(normed, normedSlope);
        tape.Store(tape.GradientOf(picked), target);
        tape.Run();
        GgmlBackend.Read(target, result);
    }

    /// <summary>Adds slopes of single positions to that of the last block's output.</summary>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">The positions.</param>
    /// <param name="slopes">[positions][embedding].</param>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slope">The sum they are added to, of the same shape.</param>
    public static void AddSlopes(GgmlBackend backend, ReadOnlySpan<int> rows, ReadOnlySpan<float> slopes, nint output, nint slope)
    {
        using var set = new TensorSet(2);
        nint index = set.Add(GgmlType.I32, rows.Length), values = set.Add(GgmlType.F32, slopes.Length / rows.Length, rows.Length);
        set.Allocate(backend);
        GgmlBackend.Write(index, rows);
        GgmlBackend.Write(values, slopes);
        using var tape = new Tape(backend, MaxNodes);
        tape.Backward(tape.Rows(tape.Leaf(output), index), values);
        tape.AddTo(tape.GradientOf(output), slope);
        tape.Run();
    }

    public void Dispose() => _set.Dispose();

    private void AddWeightSlopes(Tape tape, nint normed, nint probabilities, FullWeights full)
    {
        nint weight = _model[_model.Architecture.OutputName];
        nint expected = tape.WeightSlope(tape.Plain(context => Ggml.Multiply(context, normed, _coefficients)), probabilities);
        nint seen = tape.Plain(context => Ggml.GetRowsBack(context, Ggml.Multiply(context, normed, _coefficients), _targets, weight));
        tape.AddTo(tape.Plain(context => Ggml.Subtract(context, seen, expected)), full.SlopeOf(_model.Architecture.OutputName));
        tape.AddTo(tape.GradientOf(_model[Norm]), full.SlopeOf(Norm));
    }

    private nint Normed(Tape tape, nint output)
    {
        nint norm = _full is null ? _model[Norm] : tape.Leaf(_model[Norm]);
        return tape.RmsNorm(tape.Rows(output, _rows), norm, _model.Architecture.NormEpsilon);
    }
}
