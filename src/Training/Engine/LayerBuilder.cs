namespace AgentKit.Training.Engine;

/// <summary>Writes one block of a llama-like model onto a tape; the same operations in the same order as llama.cpp, so that the logits are its own.</summary>
/// <param name="model">The weights.</param>
/// <param name="adapter">The trained weights beside them; <c>null</c> for the model alone.</param>
/// <param name="full">The model's own weights where they are trained.</param>
internal sealed class LayerBuilder(BaseModel model, LoraAdapter? adapter, FullWeights? full = null)
{
    private const int MaxNodes = 1024, MaxNodesPerQueryBlock = 128;

    private readonly ModelArchitecture _architecture = model.Architecture;

    /// <summary>More than the operations of one block and of their derivatives.</summary>
    public static int Nodes(PackTensors pack) => MaxNodes + (MaxNodesPerQueryBlock * pack.QueryBlocks);

    /// <summary>The block's output [embedding, tokens].</summary>
    public nint Build(Tape tape, int layer, nint input, PackTensors pack)
    {
        string block = $"blk.{layer}.";
        nint normed = tape.RmsNorm(input, Weight(tape, block + "attn_norm.weight"), _architecture.NormEpsilon);
        nint attended = Linear(tape, block + "attn_output", Attend(tape, layer, normed, pack));
        nint middle = tape.Add(tape.Scale(NormedIfAny(tape, block + "post_attention_norm", attended), _architecture.ResidualScale), input);
        nint feed = tape.RmsNorm(middle, Weight(tape, block + "ffn_norm.weight"), _architecture.NormEpsilon);
        nint fed = Linear(tape, block + "ffn_down", Gated(tape, block, feed));
        return tape.Add(tape.Scale(NormedIfAny(tape, block + "post_ffw_norm", fed), _architecture.ResidualScale), middle);
    }

    /// <summary>Adds the gradients of the block's trained matrices to their sums.</summary>
    public void AddGradients(Tape tape, int layer)
    {
        foreach (LoraMatrix matrix in adapter?.MatricesOf(layer) ?? [])
        {
            tape.AddTo(tape.GradientOf(matrix.A), matrix.GradientA);
            tape.AddTo(tape.GradientOf(matrix.B), matrix.GradientB);
        }

        full?.AddGradients(tape, model, $"blk.{layer}.");
    }

    private nint Attend(Tape tape, int layer, nint normed, PackTensors pack)
    {
        (nint q, nint k, nint v) = Projected(tape, $"blk.{layer}.", normed, pack);
        q = tape.Scale(Positioned(tape, layer, "attn_q_norm", q, pack), _architecture.QueryScale);
        k = Positioned(tape, layer, "attn_k_norm", k, pack);
        AttentionShape shape = new(_architecture.HeadLength, _architecture.Heads, _architecture.KvHeads, _architecture.AttentionScale, _architecture.AttentionCap);
        return tape.Attention(q, k, v, shape, pack.Spans(_architecture.Windows[layer]));
    }

    /// <summary>Queries, keys and values, [head, heads, tokens] each.</summary>
    private (nint Q, nint K, nint V) Projected(Tape tape, string block, nint normed, PackTensors pack)
    {
        (long length, long heads, long kvHeads) = (_architecture.HeadLength, _architecture.Heads, _architecture.KvHeads);
        if (_architecture.FusesAttention)
        {
            nint[] parts = tape.SplitApart(Linear(tape, block + LoraOptions.FusedAttention, normed), length, heads, kvHeads, kvHeads);
            return (parts[0], parts[1], parts[2]);
        }

        return (
            tape.Split(Linear(tape, block + "attn_q", normed), length, heads, pack.Tokens),
            tape.Split(Linear(tape, block + "attn_k", normed), length, kvHeads, pack.Tokens),
            tape.Split(Linear(tape, block + "attn_v", normed), length, kvHeads, pack.Tokens));
    }

    /// <summary>Queries or keys, normed where the model does that, with their positions where the layer has them. [head, heads, tokens]</summary>
    private nint Positioned(Tape tape, int layer, string norm, nint heads, PackTensors pack)
    {
        nint normed = NormedIfAny(tape, $"blk.{layer}.{norm}", heads);
        return _architecture.RopeOf(layer) is { } rope ? tape.Rope(normed, pack.Positions, RopeRuns(pack), rope) : normed;
    }

    /// <summary>The gate's half through its curve, times the other half. [feed-forward length, tokens]</summary>
    private nint Gated(Tape tape, string block, nint feed)
    {
        nint up = Linear(tape, block + "ffn_up", feed), gate = up;
        if (_architecture.Family.FusesFeed) (gate, up) = tape.Halves(up);
        else gate = Linear(tape, block + "ffn_gate", feed);
        return _architecture.Family.Gelu ? tape.GeGlu(gate, up) : tape.SwiGlu(gate, up);
    }

    /// <summary>
    /// Runs of samples with the same factors. With LongRoPE (Ding et al. 2024) those longer than the first context have others, as llama.cpp's contexts of such a length do.
    /// </summary>
    private RopeRun[] RopeRuns(PackTensors pack)
    {
        nint factors = model.Find("rope_freqs.weight"), shorter = model.Find("rope_factors_short.weight"), longer = model.Find("rope_factors_long.weight");
        if (factors != 0 || shorter == longer) return [new(0, pack.Tokens, factors)];
        List<RopeRun> runs = [];
        long start = 0;
        foreach ((int own, int padded) in pack.Lengths)
        {
            nint wanted = own > _architecture.Rope.OriginalContext ? longer : shorter;
            if (runs.Count > 0 && runs[^1].Factors == wanted) runs[^1] = runs[^1] with { Tokens = runs[^1].Tokens + padded };
            else runs.Add(new(start, padded, wanted));
            start += padded;
        }

        return [.. runs];
    }

    private nint NormedIfAny(Tape tape, string name, nint x) =>
        model.Find(name + ".weight") == 0 ? x : tape.RmsNorm(x, Weight(tape, name + ".weight"), _architecture.NormEpsilon);

    private nint Linear(Tape tape, string name, nint input)
    {
        nint output = tape.MatMul(Weight(tape, name + ".weight"), input);
        if (adapter?.Find(name + ".weight") is { } matrix)
            output = tape.Add(output, tape.LowRank(tape.Leaf(matrix.A), tape.Leaf(matrix.B), adapter.Scale, input));
        return model.Find(name + ".bias") == 0 ? output : tape.AddBias(output, Weight(tape, name + ".bias"));
    }

    private nint Weight(Tape tape, string name) => full is null ? model[name] : tape.Leaf(model[name]);
}
