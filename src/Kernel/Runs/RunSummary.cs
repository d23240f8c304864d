namespace AgentKit.Kernel.Runs;

/// <summary>One line of <c>runs list</c>.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Started">When it began.</param>
/// <param name="Steps">Model and tool steps so far.</param>
public sealed record RunSummary(string RunId, RunStatus Status, string Agent, string Task, DateTimeOffset Started, int Steps);
