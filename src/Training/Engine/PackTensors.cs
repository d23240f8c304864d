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
        Tokens = pack.Tokens.Length;
        _set = new(architecture.Layers + 7);
        TokenIds = _set.Add(GgmlType.I32, Tokens);
        Positions = _set.Add(GgmlType.I32, Tokens);
        Mask = _set.Add(GgmlType.F32, Tokens, Tokens);
        _inputs = [.. Enumerable.Range(0, architecture.Layers + 1).Select(_ => _set.Add(GgmlType.F32, architecture.Embedding, Tokens))];
        _slopes = [_set.Add(GgmlType.F32, architecture.Embedding, Tokens), _set.Add(GgmlType.F32, architecture.Embedding, Tokens)];
        _set.Allocate(backend);
        _set.Clear();
        GgmlBackend.Write<int>(TokenIds, pack.Tokens);
        GgmlBackend.Write<int>(Positions, pack.Positions);
        GgmlBackend.Write<float>(Mask, pack.Mask());
    }

    public int Tokens { get; }

    public nint TokenIds { get; }

    public nint Positions { get; }

    public nint Mask { get; }

    /// <summary>Input of a block, or the last block's output. [embedding, tokens]</summary>
    public nint Input(int layer) => _inputs[layer];

    /// <summary>The derivative by <see cref="Input"/>; valid until that of the layer two below is written.</summary>
    public nint Slope(int layer) => _slopes[layer % 2];

    public void Dispose() => _set.Dispose();
}
