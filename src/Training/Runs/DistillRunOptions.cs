using AgentKit.Models.Gguf;
using AgentKit.Training.Objectives;

namespace AgentKit.Training.Runs;

/// <summary>A run that learns to write what a larger model with the same vocabulary would.</summary>
public sealed record DistillRunOptions : RunOptions
{
    /// <value>The GGUF file to learn from, of any family that llama.cpp runs.</value>
    public required string Teacher { get; init; }

    /// <value>Which divergence, at which temperature.</value>
    public DistillationOptions Distillation { get; init; } = new();

    /// <value>What the likelihood of the rows counts beside the divergence, whose share is the rest; 0 up to below 1. Default 0: only the teacher counts.</value>
    public double SftWeight
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(SftWeight), value, "0 up to below 1");
    }

    /// <value>
    /// Whether the files hold plain text, cut into windows of <see cref="RunOptions.MaxLength"/> tokens (by default as many as fit into a pack), instead of conversations, of which
    /// the assistant's tokens count. Default <c>false</c>.
    /// </value>
    public bool PlainText { get; init; }

    internal override RunOptions WithContents(CancellationToken stop) => this with { Teacher = AdapterBase.HashOf(Teacher, stop) };

    internal override Recipe CreateRecipe() => new DistillRecipe(this);
}
