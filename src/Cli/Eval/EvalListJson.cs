using AgentKit.Eval.Tasks;

namespace AgentKit.Cli.Eval;

/// <summary>The document of <c>eval list --json</c>.</summary>
internal sealed record EvalListJson(IReadOnlyList<EvalListJson.Item> Tasks)
{
    /// <summary>A task; <paramref name="Available"/>: its files lie in the dataset directory.</summary>
    internal sealed record Item(
        string Task,
        int Version,
        string Kind,
        string Metric,
        int Shots,
        string Description,
        IReadOnlyList<string> Files,
        bool Available,
        IReadOnlyList<TaskChange> Changes);
}
