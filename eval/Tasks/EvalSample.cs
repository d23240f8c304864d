using System.Text.Json;

namespace AgentKit.Eval.Tasks;

/// <summary>One question of a task with what a right answer is.</summary>
/// <param name="Id">Unique in its task; two runs are compared by it.</param>
/// <param name="Question">What is asked, as the task's prompt shows it.</param>
public sealed record EvalSample(string Id, string Question)
{
    /// <summary>The answers to choose from; empty where the model writes one.</summary>
    public IReadOnlyList<EvalChoice> Choices { get; init; } = [];

    /// <summary>Indexes of the right choices.</summary>
    public IReadOnlyList<int> Gold { get; init; } = [];

    /// <summary>Right answers, as examples show them and graders compare with.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Part of the task it belongs to, such as a subject; a task can be narrowed to it as <c>TASK:GROUP</c>.</summary>
    public string? Group { get; init; }

    /// <summary>Samples of one cluster (a document, attempts at one problem) are drawn together when intervals are computed.</summary>
    public string? Cluster { get; init; }

    /// <summary>Text before all questions of its group, such as worked examples.</summary>
    public string? Preamble { get; init; }

    /// <summary>Further fields of the row, for the task's grader.</summary>
    public JsonElement Row { get; init; }
}
