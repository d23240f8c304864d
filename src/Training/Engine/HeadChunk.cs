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
    private readonly float _temperature;
    private bool _computed;

    /// <param name="model">The weights.</param>
    /// <param name="full">The same where they are trained.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="rows">Positions in the pack.</param>
    /// <param name="targets">The token each position should predict.</param>
    /// <param name="temperature">Divides logits before they become probabilities.</param>
    public HeadChunk(BaseModel model, FullWeights? full, GgmlBackend backend, ReadOnlySpan<int> rows, ReadOnlySpan<int> targets, float temperature = 1)
    {
        (_model, _full, _backend, _count, _temperature) = (model, full, backend, rows.Length, temperature);
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
        tape.Store(Logits(tape, Normed(tape, output)), _logits);
        tape.Run();
        _computed = true;
        GgmlBackend.Read(_logits, logits);
    }

    /// <summary>
    /// Adds the derivative of Σ c·log p(target) by the last block's output, and by the head's weights where they are trained. With p the softmax, W the
    /// output matrix and h the normed output, that by h is Wᵀ·c·(onehot − p) = c·(W[target] − Wᵀp), so no matrix of one-hot rows is needed. Where logits are capped, each
    /// p and the target's 1 have the cap's slope as a factor.
    /// </summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slope">The sum it is added to, of the same shape.</param>
    /// <param name="coefficients">c for each position.</param>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        // The derivative of a scaled logit has its scale.
        float scale = _model.Architecture.LogitScale / _temperature;
        GgmlBackend.Write<float>(_coefficients, Array.ConvertAll(coefficients.ToArray(), value => value * scale));
        using var tape = new Tape(_backend, MaxNodes);
        tape.Leaf(output);
        nint weight = _model[_model.Architecture.OutputName];
        nint normed = Normed(tape, output);
        nint transposed = tape.TransposedConstant(weight);
        nint logits = _computed ? _logits : Logits(tape, normed);
        nint expected = tape.Plain(context => Ggml.SoftMax(context, tape.Scale(logits, 1 / _temperature))), seen = tape.Plain(context => Ggml.GetRows(context, weight, _targets));
        nint pull = _coefficients;
        if (_model.Architecture.OutputCap is > 0 and var cap)
        {
            nint capSlope = tape.TanhSlope(tape.Scale(logits, 1 / cap)), atTargets = tape.Plain(context => AtTargets(context, capSlope));
            expected = tape.Plain(context => Ggml.Multiply(context, expected, capSlope));
            seen = tape.Plain(context => Ggml.Multiply(context, seen, atTargets));
            pull = tape.Plain(context => Ggml.Multiply(context, _coefficients, atTargets));
        }

        nint sum = tape.Product(transposed, expected);
        nint normedSlope = tape.Plain(context => Ggml.Multiply(context, Ggml.Subtract(context, seen, sum), _coefficients));
        tape.Backward(normed, normedSlope);
        tape.AddTo(tape.GradientOf(output), slope);
        if (_full is not null) AddWeightSlopes(tape, normed, expected, pull, _full);
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
        tape.Backward(Logits(tape, normed), _logits);
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

    private void AddWeightSlopes(Tape tape, nint normed, nint expected, nint pull, FullWeights full)
    {
        nint weight = _model[_model.Architecture.OutputName];
        nint pushed = tape.WeightSlope(tape.Plain(context => Ggml.Multiply(context, normed, _coefficients)), expected);
        nint pulled = tape.Plain(context => Ggml.GetRowsBack(context, Ggml.Multiply(context, normed, pull), _targets, weight));
        tape.AddTo(tape.Plain(context => Ggml.Subtract(context, pulled, pushed)), full.SlopeOf(_model.Architecture.OutputName));
        tape.AddTo(tape.GradientOf(_model[Norm]), full.SlopeOf(Norm));
    }

    private nint Logits(Tape tape, nint normed) => tape.SoftCap(
        tape.Scale(tape.MatMul(_model[_model.Architecture.OutputName], normed), _model.Architecture.LogitScale), _model.Architecture.OutputCap);

    /// <summary>A logit's number at each position's target. [1, positions]</summary>
    private nint AtTargets(TensorContextHandle context, nint numbers)
    {
        nint each = Ggml.Reshape3D(context, numbers, 1, _model.Architecture.Vocabulary, _count);
        return Ggml.Reshape2D(context, Ggml.GetRows(context, each, Ggml.Reshape2D(context, _targets, 1, _count)), 1, _count);
    }

    private nint Normed(Tape tape, nint output)
    {
        nint norm = _full is null ? _model[Norm] : tape.Leaf(_model[Norm]);
        return tape.RmsNorm(tape.Rows(output, _rows), norm, _model.Architecture.NormEpsilon);
    }
}
