using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>
/// Attention within one sample, and its vector-Jacobian product. Where it does not fit into memory as a whole, it is done a block of queries at a time, and a block's weights exist
/// only while they are needed: the backward pass computes them anew (Rabe and Staats 2021; the keys of a block are not divided).
/// </summary>
internal sealed class SpanAttention
{
    private readonly Tape _tape;
    private readonly TensorContextHandle _context;
    private readonly AttentionShape _shape;
    private readonly AttentionSpan _span;
    private readonly BlockAttention[] _blocks;

    /// <param name="tape">Emits products.</param>
    /// <param name="context">Where other operations are emitted.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="span">The sample.</param>
    /// <param name="inputs">Queries [head, heads, tokens] and keys and values [head, kv heads, tokens] of the pack.</param>
    public SpanAttention(Tape tape, TensorContextHandle context, AttentionShape shape, AttentionSpan span, (nint Q, nint K, nint V) inputs)
    {
        (_tape, _context, _shape, _span) = (tape, context, shape, span);
        _blocks = new BlockAttention[span.Blocks];
        for (int b = 0; b < _blocks.Length; b++) _blocks[b] = new(tape, context, shape, span, b * span.Mask.Queries, inputs);
        Output = tape.Joined([.. _blocks.Select(block => block.Output)], 1);
    }

    /// <summary>[head · heads, tokens].</summary>
    public nint Output { get; }

    /// <summary>Derivatives by queries, keys and values, shaped as those.</summary>
    /// <param name="slope">The derivative by the outputs of all samples.</param>
    /// <param name="wanted">Which of them will be used.</param>
    public (nint Q, nint K, nint V) Backward(nint slope, (bool Q, bool K, bool V) wanted)
    {
        nint heads = Ggml.Reshape3D(_context, slope, _shape.HeadLength, _shape.Heads, Tape.SizeOf(slope, 1));
        var queries = new nint[_blocks.Length];
        nint keys = 0, values = 0;
        for (int b = _blocks.Length - 1; b >= 0; b--)
        {
            BlockAttention block = _blocks[b];
            (nint Q, nint K, nint V) found = block.Backward(_tape.Tokens(heads, _span.Start + block.First, block.Count));
            if (wanted.V) values = Added(values, found.V, block);
            if (wanted.Q) queries[b] = Now(found.Q);
            if (wanted.K) keys = Added(keys, found.K, block);
        }

        return (wanted.Q ? _tape.Joined(queries, 2) : 0, keys, values);
    }

    /// <summary>A block's derivative by its keys or values, added to that by all of the sample; the last block, which comes first, is filled up to all.</summary>
    private nint Added(nint sum, nint slope, BlockAttention block)
    {
        nuint head = (nuint)_shape.HeadLength * sizeof(float), token = head * (nuint)_shape.KvHeads;
        if (sum != 0) return Now(Ggml.AddInto(_context, sum, slope, head, token, token * (nuint)block.Keys, token * (nuint)block.FirstKey));
        return Now(block.FirstKey == 0 ? slope : Ggml.Pad(_context, slope, 0, 0, 0, 0, (int)block.FirstKey, 0, 0, 0));
    }

    /// <summary>Has a block finished before the next begins, so that their scores are not in memory together.</summary>
    private nint Now(nint result)
    {
        if (!_span.KeepsWeights) _tape.Emit(result);
        return result;
    }
}
