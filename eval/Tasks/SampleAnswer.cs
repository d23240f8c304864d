using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Runs;

namespace AgentKit.Eval.Tasks;

/// <summary>What a model did with a sample: scores of the choices, or what it wrote.</summary>
public sealed record SampleAnswer
{
    /// <summary>One for each choice; empty where the model wrote.</summary>
    public IReadOnlyList<ContinuationScore> Scores { get; init; } = [];

    /// <summary>What it wrote; several texts where it was asked several times.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Functions it wants to have called.</summary>
    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    /// <summary>Document ids, best first.</summary>
    public IReadOnlyList<string> Ranking { get; init; } = [];

    /// <summary>Values that only the task's grader knows how to read.</summary>
    public IReadOnlyDictionary<string, double> Facts { get; init; } = new Dictionary<string, double>();

    /// <summary>The first text; empty when there is none.</summary>
    public string Text => Texts.Count > 0 ? Texts[0] : "";
}
