using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Fitting;

/// <summary>What a model's layers store while it runs, so that the memory of any context can be computed without loading the model.</summary>
/// <param name="Layers">The layers with attention.</param>
/// <param name="Window">Tokens of the sliding window; 0 when no layer has one.</param>
/// <param name="RecurrentBytes">Bytes of recurrent state of one sequence over all layers.</param>
internal sealed record CacheShape(IReadOnlyList<CacheLayer> Layers, long Window, long RecurrentBytes)
{
    /// <summary>llama.cpp rounds the number of cells up to this.</summary>
    public const int CellBlock = 256;

    /// <summary>Cells of a context of this many tokens.</summary>
    public static long Cells(long tokens) => (tokens + CellBlock - 1) / CellBlock * CellBlock;

    /// <summary>Bytes of the KV cache when all sequences share one pool of cells.</summary>
    /// <param name="cells">Cells of the pool.</param>
    /// <param name="type">How keys and values are stored.</param>
    public long KvBytes(long cells, KvType type) => Layers.Sum(layer => cells * RowBytes(layer, type));

    /// <summary>Bytes of the KV cache when windowed layers keep their window only.</summary>
    /// <param name="cells">Cells of the layers that see everything.</param>
    /// <param name="sequences">Sequences that share the pool.</param>
    /// <param name="batch">Tokens of one decode call, which stand in the window beside it.</param>
    /// <param name="type">How keys and values are stored.</param>
    public long WindowedKvBytes(long cells, int sequences, int batch, KvType type)
    {
        long windowCells = Cells(Math.Min(cells, (Window * sequences) + batch));
        return Layers.Sum(layer => (layer.IsWindowed ? windowCells : cells) * RowBytes(layer, type));
    }

    /// <summary>Whether keys and values can be stored in this type: blocks may not span heads.</summary>
    public bool Allows(KvType type)
    {
        int block = Block(type).Elements;
        return Layers.All(layer => layer.KeyLength % block == 0 && layer.ValueLength % block == 0);
    }

    private static long RowBytes(CacheLayer layer, KvType type)
    {
        var (elements, bytes) = Block(type);
        return layer.Elements / elements * bytes;
    }

    private static (int Elements, int Bytes) Block(KvType type) => GgmlTypes.Block(EngineContext.TypeOf(type))!.Value;
}
