using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>What a pack's graphs hand to each other: the inputs of every block, which the backward pass computes anew from, and two slopes in turn.</summary>
internal sealed class PackTensors : IDisposable
{
    private readonly TensorSet _set;
    private readonly nint[] _inputs;
    private readonly nint[] _slopes;

    public PackTensors(Pack pack, ModelArchitecture architecture, GgmlBackend backend)
    {
        Tokens = pack.PaddedTokens.Length;
        int[] lengths = [.. pack.PaddedLengths.Distinct()];
        _set = new(architecture.Layers + lengths.Length + 5);
        TokenIds = _set.Add(GgmlType.I32, Tokens);
        Positions = _set.Add(GgmlType.I32, Tokens);
        Dictionary<int, nint> masks = lengths.ToDictionary(length => length, length => _set.Add(GgmlType.F32, length, length));
        _inputs = [.. Enumerable.Range(0, architecture.Layers + 1).Select(_ => _set.Add(GgmlType.F32, architecture.Embedding, Tokens))];
        _slopes = [_set.Add(GgmlType.F32, architecture.Embedding, Tokens), _set.Add(GgmlType.F32, architecture.Embedding, Tokens)];
        _set.Allocate(backend);
        _set.Clear();
        GgmlBackend.Write<int>(TokenIds, pack.PaddedTokens);
        GgmlBackend.Write<int>(Positions, pack.Positions);
        foreach ((int length, nint mask) in masks) GgmlBackend.Write<float>(mask, CausalMask(length));
        long start = 0;
        Spans = [.. pack.PaddedLengths.Select(length => new AttentionSpan((start += length) - length, length, masks[length]))];
    }

    public int Tokens { get; }

    public nint TokenIds { get; }

    public nint Positions { get; }

    /// <summary>Which tokens attend to each other.</summary>
    public IReadOnlyList<AttentionSpan> Spans { get; }

    /// <summary>Input of a block, or the last block's output. [embedding, tokens]</summary>
    public nint Input(int layer) => _inputs[layer];

    /// <summary>The derivative by <see cref="Input"/>; valid until that of the layer two below is written.</summary>
    public nint Slope(int layer) => _slopes[layer % 2];

    public void Dispose() => _set.Dispose();

    private static float[] CausalMask(int length)
    {
        var mask = new float[length * length];
        for (int t = 0; t < length; t++) mask.AsSpan((t * length) + t + 1, length - t - 1).Fill(float.NegativeInfinity);
        return mask;
    }
}
