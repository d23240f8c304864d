using System.Globalization;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Fitting;

/// <summary>Bytes of a model's tensors by where they belong.</summary>
/// <param name="Layers">Bytes of each block, experts included.</param>
/// <param name="Experts">Bytes of each block's expert matrices.</param>
/// <param name="Others">Bytes outside of blocks: embeddings, output.</param>
internal sealed record ModelWeights(IReadOnlyList<long> Layers, IReadOnlyList<long> Experts, long Others)
{
    public long Total => Layers.Sum() + Others;

    public static ModelWeights Of(IEnumerable<GgufTensorInfo> tensors)
    {
        var layers = new SortedDictionary<int, (long All, long Experts)>();
        long others = 0;
        foreach (GgufTensorInfo tensor in tensors)
        {
            if (Block(tensor.Name) is not { } block)
            {
                others += tensor.Bytes;
                continue;
            }

            var (all, experts) = layers.GetValueOrDefault(block);
            layers[block] = (all + tensor.Bytes, experts + (tensor.Name.Contains("_exps", StringComparison.Ordinal) ? tensor.Bytes : 0));
        }

        return new([.. layers.Values.Select(layer => layer.All)], [.. layers.Values.Select(layer => layer.Experts)], others);
    }

    private static int? Block(string name)
    {
        string[] parts = name.Split('.', 3);
        return parts is ["blk", var number, _] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int block) ? block : null;
    }
}
