using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Engine;

/// <summary>The shape of a new LoRA adapter (Hu et al. 2021).</summary>
public sealed record LoraOptions
{
    /// <summary>GGUF's name of the matrix that makes queries, keys and values together.</summary>
    internal const string FusedAttention = "attn_qkv";

    /// <summary>The matrices of a layer that can be adapted, with the names that GGUF gives them.</summary>
    public static IReadOnlyDictionary<string, string> Matrices { get; } = new OrderedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["q"] = "attn_q", ["k"] = "attn_k", ["v"] = "attn_v", ["o"] = "attn_output", ["gate"] = "ffn_gate", ["up"] = "ffn_up", ["down"] = "ffn_down",
    };

    /// <value>Columns of A and rows of B, 1 to 1024. Default 16.</value>
    public int Rank
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw new ArgumentOutOfRangeException(nameof(Rank), value, "1 to 1024");
    } = 16;

    /// <value>The update counts alpha / rank; above 0. Default 32.</value>
    public double Alpha
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "above 0");
    } = 32;

    /// <value>
    /// Which matrices of every layer, of <see cref="Matrices"/>. Where a model has one matrix for several of them (phi3: one for q, k and v, one for gate and up), each of their
    /// names stands for that one, as an adapter changes it as a whole. Default: all.
    /// </value>
    /// <exception cref="UserInputException">A name is unknown, or there is none.</exception>
    public IReadOnlyList<string> Targets
    {
        get;
        init => field = value.Count > 0 && value.All(Matrices.ContainsKey) && value.Distinct().Count() == value.Count
            ? value
            : throw new UserInputException("targets", $"targets is [{string.Join(", ", value)}]; some of {string.Join(", ", Matrices.Keys)} are expected, each once.");
    } = [.. Matrices.Keys];
}
