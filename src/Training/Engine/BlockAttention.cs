using AgentKit.Models.Gguf;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>Attention of some queries of a sample over the keys they may see, and its vector-Jacobian product.</summary>
internal sealed class BlockAttention
{
    private const int Float32Precision = 10;

    private readonly Tape _tape;
    private readonly TensorContextHandle _context;
    private readonly AttentionShape _shape;
    private readonly AttentionMask _mask;
    private readonly nint _queries;
    private readonly nint _keys;
    private readonly nint _values;
    private readonly (nint Weights, nint Capped) _kept;

    /// <param name="tape">Emits products.</param>
    /// <param name="context">Where other operations are emitted.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="span">The sample.</param>
    /// <param name="first">The first query, counted from the sample's first token.</param>
    /// <param name="inputs">Queries [head, heads, tokens] and keys and values [head, kv heads, tokens] of the pack.</param>
    public BlockAttention(Tape tape, TensorContextHandle context, AttentionShape shape, AttentionSpan span, long first, (nint Q, nint K, nint V) inputs)
    {
        (_tape, _context, _shape, _mask) = (tape, context, shape, span.Mask);
        (First, Count, FirstKey) = (first, Math.Min(span.Mask.Queries, span.Tokens - first), span.Mask.FirstKey(first));
        long keys = first + Count - FirstKey;
        _queries = HeadsLast(tape.Tokens(inputs.Q, span.Start + first, Count));
        _keys = HeadsLast(tape.Tokens(inputs.K, span.Start + FirstKey, keys));
        _values = HeadsLast(tape.Tokens(inputs.V, span.Start + FirstKey, keys));
        Keys = keys;
        (nint Weights, nint Capped) computed = Weights();
        if (span.KeepsWeights) _kept = computed;
        nint mixed = tape.Product(tape.Transposed(_values), computed.Weights);
        Output = Ggml.Contiguous2D(context, HeadsLast(mixed), shape.HeadLength * shape.Heads, Count);
    }

    /// <summary>The first query.</summary>
    public long First { get; }

    /// <summary>Queries.</summary>
    public long Count { get; }

    /// <summary>The first key.</summary>
    public long FirstKey { get; }

    /// <summary>Keys.</summary>
    public long Keys { get; }

    /// <summary>[head · heads, queries].</summary>
    public nint Output { get; }

    /// <summary>Derivatives by the queries [head, heads, queries], and by the keys and values [head, kv heads, keys].</summary>
    /// <param name="slope">The derivative by <see cref="Output"/>, [head, heads, queries].</param>
    public (nint Q, nint K, nint V) Backward(nint slope)
    {
        (nint weights, nint capped) = _kept.Weights == 0 ? Weights() : _kept;
        nint outSlope = _tape.InOrder(HeadsLast(slope));
        nint scoreSlope = Ggml.SoftMaxBack(_context, _tape.Product(_values, outSlope), weights, _shape.Scale, 0);
        if (capped != 0) scoreSlope = Ggml.Multiply(_context, scoreSlope, _tape.TanhSlope(capped));
        return (
            Ggml.Contiguous(_context, HeadsLast(_tape.Product(_tape.Transposed(_keys), scoreSlope))),
            Ungrouped(_tape.Product(_tape.Transposed(_queries), _tape.Transposed(scoreSlope))),
            Ungrouped(_tape.Product(_tape.Transposed(outSlope), _tape.Transposed(weights))));
    }

    /// <summary>How much each query takes of each value [keys, queries, heads], and where scores are capped tanh(score / cap).</summary>
    private (nint Weights, nint Capped) Weights()
    {
        nint scores = _tape.Product(_keys, _queries), capped = 0;
        if (!_tape.OwnProducts) Ggml.MatMulPrecision(scores, Float32Precision);
        if (_shape.Cap > 0)
        {
            capped = Ggml.Tanh(_context, Ggml.Scale(_context, scores, 1 / _shape.Cap));
            scores = Ggml.Scale(_context, capped, _shape.Cap);
        }

        return (Ggml.SoftMaxMasked(_context, scores, Mask(), _shape.Scale, 0), capped);
    }

    /// <summary>This block's part of the band, in order. [keys, queries]</summary>
    private nint Mask()
    {
        if (Keys == _mask.Columns && Count == _mask.Queries) return _mask.Tensor;
        nuint row = (nuint)_mask.Columns * sizeof(float);
        nint part = Ggml.View3D(_context, _mask.Tensor, Keys, Count, 1, row, row * (nuint)Count, (nuint)(_mask.Before - (First - FirstKey)) * sizeof(float));
        return Ggml.Contiguous(_context, part);
    }

    private nint HeadsLast(nint heads) => Ggml.Permute(_context, heads, 0, 2, 1, 3);

    /// <summary>Gradients of keys or values [head, keys, heads], summed over the query heads that share one. [head, kv heads, keys]</summary>
    private nint Ungrouped(nint slope)
    {
        nint summed = slope;
        if (_shape.Heads != _shape.KvHeads)
        {
            nint grouped = Ggml.Reshape3D(_context, slope, _shape.HeadLength * Keys, _shape.Heads / _shape.KvHeads, _shape.KvHeads);
            nint target = Shape(_shape.HeadLength * Keys, 1, _shape.KvHeads);
            summed = Ggml.Reshape3D(_context, Ggml.RepeatBack(_context, grouped, target), _shape.HeadLength, Keys, _shape.KvHeads);
        }

        return Ggml.Contiguous(_context, HeadsLast(summed));
    }

    private unsafe nint Shape(long size0, long size1, long size2)
    {
        long* sizes = stackalloc long[] { size0, size1, size2 };
        return Ggml.NewTensor(_context, (int)GgmlType.F32, 3, sizes);
    }
}
