using System.Text.RegularExpressions;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Quantization;

/// <summary>The matrices of attention and feed-forward: nearly all of a model's weights, and what calibration weighs and pruning prunes.</summary>
internal static partial class BlockMatrices
{
    /// <summary>Whether a tensor is one: no embedding, output, norm, router or other small tensor.</summary>
    public static bool Includes(GgufTensorInfo tensor) => tensor.Shape.Count is 2 or 3 && Name().IsMatch(tensor.Name);

    /// <summary>The number of the block that a tensor belongs to.</summary>
    public static int BlockOf(string tensor) => int.Parse(Name().Match(tensor).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^blk\.(\d+)\.(?:attn_(?:q|k|v|qkv|output)|ffn_(?:gate|up|down)(?:_exps|_shexp)?)\.weight$")]
    private static partial Regex Name();
}
