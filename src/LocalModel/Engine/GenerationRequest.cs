using AgentKit.Models.Sampling;

namespace AgentKit.Models.Engine;

/// <summary>What the engine is asked to generate.</summary>
internal sealed record GenerationRequest
{
    /// <summary>The prompt's tokens, at least one.</summary>
    public required int[] Prompt { get; init; }

    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>At most this many tokens are generated; <c>null</c> leaves it to the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end generation; they are not part of the output.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>Control tokens that appear in the output as text, because they mark tool calls or reasoning.</summary>
    public IReadOnlySet<int> VisibleControlTokens { get; init; } = new HashSet<int>();

    public TokenConstraint? Constraint { get; init; }

    /// <summary>The LoRA adapters to run with.</summary>
    public AdapterSet Adapters { get; init; } = AdapterSet.None;

    /// <summary>Whose request it is: requests of different callers take turns when they have to wait.</summary>
    public string Queue { get; init; } = "";

    /// <summary>
    /// In a full context, keep this many of the first tokens, drop the older half of the others and go on; <c>null</c> ends the output there.
    /// </summary>
    public int? KeepWhenFull { get; init; }

    /// <summary>List the log-probability of each token and of this many alternatives; <c>null</c> lists nothing.</summary>
    public int? TopLogProbabilities { get; init; }
}
