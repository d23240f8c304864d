using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>A prompt and how to go on from it.</summary>
/// <param name="SampleId">The sample it belongs to.</param>
/// <param name="Prompt">What the model reads.</param>
public sealed record GenerateRequest(string SampleId, EvalPrompt Prompt)
{
    /// <summary>Texts that end the answer and do not belong to it.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Until { get; init; } = [];

    /// <summary>Most tokens of the answer.</summary>
    /// <value>1 or more; default 256.</value>
    public int MaxTokens
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "1 or more");
    } = 256;

    /// <summary>Sampling temperature.</summary>
    /// <value>0 (the most likely token each time) or more; default 0.</value>
    public float Temperature
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(Temperature), value, "0 or more");
    }

    /// <summary>Seed of the sampling; without effect at temperature 0.</summary>
    public long Seed { get; init; }

    /// <summary>Functions the model may call; it only says so, nothing is run.</summary>
    public IReadOnlyList<AITool> Tools { get; init; } = [];
}
