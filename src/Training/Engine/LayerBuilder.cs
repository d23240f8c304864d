namespace AgentKit.Training.Engine;

/// <summary>Writes one block of a llama-like model onto a tape; the same operations in the same order as llama.cpp, so that the logits are its own.</summary>
/// <param name="model">The weights.</param>
/// <param name="adapter">The trained weights beside them; <c>null</c> for the model alone.</param>
/// <param name="full">The model's own weights where they are trained.</param>
internal sealed class LayerBuilder(BaseModel model, LoraAdapter? adapter, FullWeights? full = null)
{
    private const int MaxNodes = 1024, MaxNodesPerSample = 64;

    private readonly ModelArchitecture _architecture = model.Architecture;

    /// <summary>More than the operations of one block and of their derivatives.</summary>
    public static int Nodes(PackTensors pack) => MaxNodes + (MaxNodesPerSample * pack.Spans.Count);

    /// <summary>The block's output [embedding, tokens].</summary>
    public nint Build(Tape tape, int layer, nint input, PackTensors pack)
    {
        string block = $"blk.{layer}.";
        nint normed = tape.RmsNorm(input, Weight(tape, block + "attn_norm.weight"), _architecture.NormEpsilon);
        nint attended = Linear(tape, block + "attn_output", Attend(tape, layer, normed, pack));
        nint middle = tape.Add(tape.Scale(attended, _architecture.ResidualScale), input);
        nint feed = tape.RmsNorm(middle, Weight(tape, block + "ffn_norm.weight"), _architecture.NormEpsilon);
        nint gated = tape.SwiGlu(Linear(tape, block + "ffn_gate", feed), Linear(tape, block + "ffn_up", feed));
        return tape.Add(tape.Scale(Linear(tape, block + "ffn_down", gated), _architecture.ResidualScale), middle);
    }

    /// <summary>Adds the gradients of the block's trained matrices to their sums.</summary>
    public void AddGradients(Tape tape, int layer)
    {
        foreach (string name in LoraOptions.Matrices.Values)
        {
            if (adapter?.Find($"blk.{layer}.{name}.weight") is not { } matrix) continue;
            tape.AddTo(tape.GradientOf(matrix.A), matrix.GradientA);
            tape.AddTo(tape.GradientOf(matrix.B), matrix.GradientB);
        }

        full?.AddGradients(tape, model, $"blk.{layer}.");
    }

    private nint Attend(Tape tape, int layer, nint normed, PackTensors pack)
    {
        string block = $"blk.{layer}.";
        bool positions = _architecture.HasPositions(layer);
        nint q = Heads(tape, block + "attn_q", normed, _architecture.Heads, pack, positions);
        nint k = Heads(tape, block + "attn_k", normed, _architecture.KvHeads, pack, positions);
        nint v = tape.Split(Linear(tape, block + "attn_v", normed), _architecture.HeadLength, _architecture.KvHeads, pack.Tokens);
        return tape.Attention(q, k, v, new(_architecture.HeadLength, _architecture.Heads, _architecture.KvHeads, _architecture.AttentionScale), pack.Spans);
    }

    /// <summary>Queries or keys, normed where the model does that, with their positions where the layer has them. [head, heads, tokens]</summary>
    private nint Heads(Tape tape, string name, nint input, long heads, PackTensors pack, bool positions)
    {
        nint split = tape.Split(Linear(tape, name, input), _architecture.HeadLength, heads, pack.Tokens);
        if (model.Find(name + "_norm.weight") != 0) split = tape.RmsNorm(split, Weight(tape, name + "_norm.weight"), _architecture.NormEpsilon);
        return !positions ? split : tape.Rope(split, pack.Positions, model.Find("rope_freqs.weight"), _architecture.Rope);
    }

    private nint Linear(Tape tape, string name, nint input)
    {
        nint output = tape.MatMul(Weight(tape, name + ".weight"), input);
        if (adapter?.Find(name + ".weight") is { } matrix)
            output = tape.Add(output, tape.LowRank(tape.Leaf(matrix.A), tape.Leaf(matrix.B), adapter.Scale, input));
        return model.Find(name + ".bias") == 0 ? output : tape.AddBias(output, Weight(tape, name + ".bias"));
    }

    private nint Weight(Tape tape, string name) => full is null ? model[name] : tape.Leaf(model[name]);
}
