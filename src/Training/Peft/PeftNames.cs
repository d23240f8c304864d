using System.Text.RegularExpressions;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Peft;

/// <summary>How PEFT names the matrices that GGUF has other names for.</summary>
internal static partial class PeftNames
{
    private const string Prefix = "base_model.model.model.layers.";

    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["attn_q"] = "self_attn.q_proj", ["attn_k"] = "self_attn.k_proj", ["attn_v"] = "self_attn.v_proj", ["attn_output"] = "self_attn.o_proj",
        ["ffn_gate"] = "mlp.gate_proj", ["ffn_up"] = "mlp.up_proj", ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>The last part of a module's name, as in PEFT's list of targets.</summary>
    public static string TargetOf(string matrix) => Modules[matrix].Split('.')[1];

    /// <summary>PEFT's name of one side of an adapted matrix, such as <c>blk.3.attn_q.weight</c>.</summary>
    /// <param name="weight">GGUF's name of the frozen matrix.</param>
    /// <param name="side">A or B.</param>
    public static string FromGguf(string weight, char side)
    {
        string[] parts = weight.Split('.');
        return $"{Prefix}{parts[1]}.{Modules[parts[2]]}.lora_{side}.weight";
    }

    /// <summary>GGUF's name of the frozen matrix and the side; <c>null</c> for what is no matrix that can be adapted here.</summary>
    public static (string Weight, string Matrix, char Side)? ToGguf(string name)
    {
        Match match = Pattern().Match(name);
        if (!match.Success) return null;
        string? matrix = Modules.FirstOrDefault(pair => pair.Value == match.Groups["module"].Value).Key;
        if (matrix is null || !LoraOptions.Matrices.Values.Contains(matrix)) return null;
        return ($"blk.{match.Groups["layer"].Value}.{matrix}.weight", matrix, match.Groups["side"].Value[0]);
    }

    // Adapters in memory have the adapter's name behind the side, saved ones do not.
    [GeneratedRegex(@"^(?:base_model\.model\.)?model\.layers\.(?<layer>\d+)\.(?<module>[a-z_]+\.[a-z_]+)\.lora_(?<side>[AB])(?:\.default)?\.weight$")]
    private static partial Regex Pattern();
}
