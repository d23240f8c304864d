using AgentKit.Models.Gguf;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>Attention within one sample, and its vector-Jacobian product.</summary>
internal sealed class SpanAttention
{
    private const int Float32Precision = 10;

    private readonly Tape _tape;
    private readonly TensorContextHandle _context;
    private readonly AttentionShape _shape;
    private readonly AttentionSpan _span;
    private readonly nint _queries;
    private readonly nint _keys;
    private readonly nint _values;
    private readonly nint _weights;

    /// <param name="tape">Emits products.</param>
    /// <param name="context">Where other operations are emitted.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="span">The sample.</param>
    /// <param name="q">Queries [head, heads, tokens].</param>
    /// <param name="k">Keys [head, kv heads, tokens].</param>
    /// <param name="v">Values [head, kv heads, tokens].</param>
    public SpanAttention(Tape tape, TensorContextHandle context, AttentionShape shape, AttentionSpan span, nint q, nint k, nint v)
    {
        (_tape, _context, _shape, _span) = (tape, context, shape, span);
        (_queries, _keys, _values) = (HeadsLast(q), HeadsLast(k), HeadsLast(v));
        nint scores = tape.Product(_keys, _queries);
        if (!tape.OwnProducts) Ggml.MatMulPrecision(scores, Float32Precision);
        _weights = Ggml.SoftMaxMasked(context, scores, span.Mask, shape.Scale, 0);
        nint mixed = tape.Product(tape.Transposed(_values), _weights);
        Output = Ggml.Contiguous2D(context, HeadsLast(mixed), shape.HeadLength * shape.Heads, span.Tokens);
    }

    /// <summary>[head · heads, tokens].</summary>
    public nint Output { get; }

    /// <summary>Derivatives by queries, keys and values, shaped as those.</summary>
    /// <param name="slope">The derivative by the outputs of all samples.</param>
    public (nint Q, nint K, nint V) Backward(nint slope)
    {
        nuint width = (nuint)(_shape.HeadLength * _shape.Heads) * sizeof(float);
        nint own = Ggml.View3D(
            _context, slope, _shape.HeadLength, _shape.Heads, _span.Tokens, (nuint)_shape.HeadLength * sizeof(float), width, width * (nuint)_span.Start);
        nint outSlope = _tape.InOrder(HeadsLast(own));
        nint scoreSlope = Ggml.SoftMaxBack(_context, _tape.Product(_values, outSlope), _weights, _shape.Scale, 0);
        return (
            Ggml.Contiguous(_context, HeadsLast(_tape.Product(_tape.Transposed(_keys), scoreSlope))),
            Ungrouped(_tape.Product(_tape.Transposed(_queries), _tape.Transposed(scoreSlope))),
            Ungrouped(_tape.Product(_tape.Transposed(outSlope), _tape.Transposed(_weights))));
    }

    private nint HeadsLast(nint heads) => Ggml.Permute(_context, heads, 0, 2, 1, 3);

    /// <summary>Gradients of keys or values [head, tokens, heads], summed over the query heads that share one. [head, kv heads, tokens]</summary>
    private nint Ungrouped(nint slope)
    {
        nint summed = slope;
        if (_shape.Heads != _shape.KvHeads)
        {
            nint grouped = Ggml.Reshape3D(_context, slope, _shape.HeadLength * _span.Tokens, _shape.Heads / _shape.KvHeads, _shape.KvHeads);
            nint target = Shape(_shape.HeadLength * _span.Tokens, 1, _shape.KvHeads);
            summed = Ggml.Reshape3D(_context, Ggml.RepeatBack(_context, grouped, target), _shape.HeadLength, _span.Tokens, _shape.KvHeads);
        }

        return Ggml.Contiguous(_context, HeadsLast(summed));
    }

    private unsafe nint Shape(long size0, long size1, long size2)
    {
        long* sizes = stackalloc long[] { size0, size1, size2 };
        return Ggml.NewTensor(_context, (int)GgmlType.F32, 3, sizes);
    }
}
