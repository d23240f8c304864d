using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>What a pack's graphs hand to each other: the inputs of every block, which the backward pass computes anew from, and two slopes in turn.</summary>
internal sealed class PackTensors : IDisposable
{
    private readonly TensorSet _set;
    private readonly nint[] _inputs;
    private readonly nint[] _slopes;
    private readonly Dictionary<long, AttentionSpan[]> _spans = [];

    /// <param name="pack">The samples.</param>
    /// <param name="architecture">The model's.</param>
    /// <param name="backend">Holds the tensors.</param>
    /// <param name="attentionBytes">Most bytes of attention's scores at once.</param>
    /// <param name="learns">Whether there will be a way back; else two inputs take turns, and there are no slopes.</param>
    public PackTensors(Pack pack, ModelArchitecture architecture, GgmlBackend backend, long attentionBytes, bool learns)
    {
        Tokens = pack.PaddedTokens.Length;
        Lengths = [.. pack.Samples.Zip(pack.PaddedLengths, (sample, padded) => (sample.Tokens.Length, padded))];
        AttentionPlan plan = new(pack.PaddedLengths, architecture.Heads, attentionBytes);
        long[] windows = [.. architecture.Windows.Distinct()];
        AttentionMask[] kinds = [.. windows.SelectMany(window => pack.PaddedLengths.Select(length => AttentionMask.For(length, plan.Queries(length), window))).Distinct()];
        _set = new(architecture.Layers + kinds.Length + 5);
        TokenIds = _set.Add(GgmlType.I32, Tokens);
        Positions = _set.Add(GgmlType.I32, Tokens);
        Dictionary<AttentionMask, AttentionMask> masks = kinds.ToDictionary(
            mask => mask, mask => mask with { Tensor = _set.Add(GgmlType.F32, mask.Columns, mask.Queries) });
        nint[] States(int count) => [.. Enumerable.Range(0, count).Select(_ => _set.Add(GgmlType.F32, architecture.Embedding, Tokens))];
        _inputs = States(learns ? architecture.Layers + 1 : 2);
        _slopes = learns ? States(2) : [];
        _set.Allocate(backend);
        _set.Clear();
        GgmlBackend.Write<int>(TokenIds, pack.PaddedTokens);
        GgmlBackend.Write<int>(Positions, pack.Positions);
        foreach (AttentionMask mask in masks.Values) GgmlBackend.Write<float>(mask.Tensor, mask.Values());
        foreach (long window in windows)
        {
            long start = 0;
            _spans[window] = [.. pack.PaddedLengths.Select(length => new AttentionSpan(
                (start += length) - length, length, masks[AttentionMask.For(length, plan.Queries(length), window)], plan.IsWhole))];
        }

        QueryBlocks = (int)_spans[windows[0]].Sum(span => span.Blocks);
    }

    public int Tokens { get; }

    public nint TokenIds { get; }

    public nint Positions { get; }

    /// <summary>Tokens of each sample, and how many it is filled up to.</summary>
    public IReadOnlyList<(int Own, int Padded)> Lengths { get; }

    /// <summary>Blocks of queries of all samples.</summary>
    public int QueryBlocks { get; }

    /// <summary>Which tokens attend to each other.</summary>
    /// <param name="window">The layer's window; 0 for none.</param>
    public IReadOnlyList<AttentionSpan> Spans(long window) => _spans[window];

    /// <summary>Input of a block, or the last block's output; where nothing is learned, until the one two above is written. [embedding, tokens]</summary>
    public nint Input(int layer) => _inputs[layer % _inputs.Length];

    /// <summary>The derivative by <see cref="Input"/>; valid until that of the layer two below is written.</summary>
    public nint Slope(int layer) => _slopes[layer % 2];

    public void Dispose() => _set.Dispose();
}
