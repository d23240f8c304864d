using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>
/// One number for each of some positions of a pack: a trained vector times the normed state there. Behind each sample's last token it is the score of a reward model
/// (Ouyang et al. 2022, section 3.5), behind the token before each prediction what a value head expects,
/// there divided by the root of the model's width.
/// </summary>
internal sealed class ScoreHead : IPackHead
{
    private const int MaxNodes = 64;

    private readonly BaseModel _model;
    private readonly LoraAdapter _adapter;
    private readonly GgmlBackend _backend;
    private readonly TensorSet _set;
    private readonly nint _rows;
    private readonly nint _scores;
    private readonly nint _coefficients;
    private readonly int _count;
    private readonly float _scale;

    /// <param name="model">The frozen weights.</param>
    /// <param name="adapter">Holds the head.</param>
    /// <param name="backend">Computes.</param>
    /// <param name="positions">The positions.</param>
    public ScoreHead(BaseModel model, LoraAdapter adapter, GgmlBackend backend, ReadOnlySpan<int> positions)
    {
        (_model, _adapter, _backend, _count) = (model, adapter, backend, positions.Length);
        // An optimizer moves every weight by about the learning rate, and a sum of so many by as many times that: too far for expectations, which are learned as rewards come in.
        _scale = adapter.HeadKind == HeadKind.Value ? 1 / MathF.Sqrt(model.Architecture.Embedding) : 1;
        _set = new(3);
        _rows = _set.Add(GgmlType.I32, _count);
        _scores = _set.Add(GgmlType.F32, 1, _count);
        _coefficients = _set.Add(GgmlType.F32, 1, _count);
        _set.Allocate(backend);
        GgmlBackend.Write(_rows, positions);
    }

    /// <summary>The scores, [positions].</summary>
    public double[] Outputs(nint output)
    {
        using var tape = new Tape(_backend, MaxNodes);
        tape.Store(Scored(tape, output), _scores);
        tape.Run();
        var scores = new float[_count];
        GgmlBackend.Read(_scores, scores);
        return Array.ConvertAll(scores, score => (double)score);
    }

    /// <summary>Adds the derivative of Σ c·score by the last block's output, and by the head.</summary>
    /// <param name="output">The last block's output [embedding, tokens].</param>
    /// <param name="slope">The sum it is added to, of the same shape.</param>
    /// <param name="coefficients">c for each position.</param>
    public void AddSlope(nint output, nint slope, ReadOnlySpan<float> coefficients)
    {
        GgmlBackend.Write(_coefficients, coefficients);
        using var tape = new Tape(_backend, MaxNodes);
        tape.Leaf(output);
        tape.Leaf(_adapter.Head);
        tape.Backward(Scored(tape, output), _coefficients);
        tape.AddTo(tape.GradientOf(output), slope);
        tape.AddTo(tape.GradientOf(_adapter.Head), _adapter.HeadGradient);
        tape.Run();
    }

    public void Dispose() => _set.Dispose();

    private nint Scored(Tape tape, nint output) => tape.Scale(
        tape.MatMul(_adapter.Head, tape.RmsNorm(tape.Rows(output, _rows), _model["output_norm.weight"], _model.Architecture.NormEpsilon)), _scale);
}
