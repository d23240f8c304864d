using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Runs;

/// <summary>The document of <c>runs list --json</c>.</summary>
internal sealed record RunsListJson(IReadOnlyList<RunsListJson.Run> Runs, int DeadLetters)
{
    /// <summary>One run.</summary>
    internal sealed record Run(string RunId, string Status, string Agent, DateTimeOffset Started, int Steps, string Task);

    public static RunsListJson From(IEnumerable<RunSummary> runs, int deadLetters) => new(
        [.. runs.Select(run => new Run(run.RunId, Name(run.Status), run.Agent, run.Started, run.Steps, run.Task))], deadLetters);

    public static string Name(RunStatus status) => status.ToString().ToLowerInvariant();
}
