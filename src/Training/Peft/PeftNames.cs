using System.Text.RegularExpressions;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Peft;

/// <summary>How PEFT names the matrices that GGUF has other names for.</summary>
internal static partial class PeftNames
{
    private const string Prefix = "base_model.model.model.layers.";

    private const string FusedFeed = "mlp.gate_up_proj";

    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["attn_q"] = "self_attn.q_proj", ["attn_k"] = "self_attn.k_proj", ["attn_v"] = "self_attn.v_proj", [LoraOptions.FusedAttention] = "self_attn.qkv_proj",
        ["attn_output"] = "self_attn.o_proj", ["ffn_gate"] = "mlp.gate_proj", ["ffn_up"] = "mlp.up_proj", ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>The last part of a module's name, as in PEFT's list of targets.</summary>
    /// <param name="matrix">GGUF's name of a layer's matrix.</param>
    /// <param name="fusesFeed">Whether <c>ffn_up</c> makes the gate too.</param>
    public static string TargetOf(string matrix, bool fusesFeed) => Module(matrix, fusesFeed).Split('.')[1];

    /// <summary>PEFT's name of one side of an adapted matrix, such as <c>blk.3.attn_q.weight</c>.</summary>
    /// <param name="weight">GGUF's name of the frozen matrix.</param>
    /// <param name="side">A or B.</param>
    /// <param name="fusesFeed">Whether <c>ffn_up</c> makes the gate too.</param>
    public static string FromGguf(string weight, char side, bool fusesFeed)
    {
        string[] parts = weight.Split('.');
        return $"{Prefix}{parts[1]}.{Module(parts[2], fusesFeed)}.lora_{side}.weight";
    }

    /// <summary>GGUF's name of the frozen matrix and the side; <c>null</c> for what is no matrix that can be adapted here.</summary>
    public static (string Weight, string Matrix, char Side)? ToGguf(string name)
    {
        Match match = Pattern().Match(name);
        if (!match.Success) return null;
        string module = match.Groups["module"].Value;
        string? matrix = module == FusedFeed ? "ffn_up" : Modules.FirstOrDefault(pair => pair.Value == module).Key;
        return matrix is null ? null : ($"blk.{match.Groups["layer"].Value}.{matrix}.weight", matrix, match.Groups["side"].Value[0]);
    }

    private static string Module(string matrix, bool fusesFeed) => fusesFeed && matrix == "ffn_up" ? FusedFeed : Modules[matrix];

    // The layers of a model that also sees pictures lie one name deeper (gemma3).
    // Adapters in memory have the adapter's name behind the side, saved ones do not.
    [GeneratedRegex(
        @"^(?:base_model\.model\.)?(?:language_model\.)?model\.(?:language_model\.)?layers\.(?<layer>\d+)\.(?<module>[a-z_]+\.[a-z_]+)\.lora_(?<side>[AB])(?:\.default)?\.weight$")]
    private static partial Regex Pattern();
}
