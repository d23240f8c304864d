namespace AgentKit.Agents;

/// <summary>A tool cannot go on yet: the run of another agent that it is stands until somebody decides. The call stays begun.</summary>
internal sealed class ToolWaitsException(string runId) : Exception($"Run {runId} waits for a decision.")
{
    public string RunId => runId;
}
