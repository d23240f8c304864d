using AgentKit.Agents;
using AgentKit.Kernel.Runs;

namespace AgentKit.Server.Offers;

/// <summary>An agent that MCP clients may ask.</summary>
/// <param name="OpenAsync">Gives the agent; called for each request, so that a model is loaded only when somebody asks.</param>
/// <param name="Journal">The agent's journal.</param>
/// <param name="Key">Signs the ids of tasks; 32 bytes or more, the same in every process that serves this journal.</param>
public sealed record AgentOffer(Func<CancellationToken, ValueTask<Agent>> OpenAsync, IJournal Journal, byte[] Key)
{
    /// <summary>What the agent is good for, for the model that asks it.</summary>
    public string Description { get; init; } = "Give a task to an agent that works on it with its own tools and returns the answer.";

    /// <summary>Whether answers link to their runs: only where clients can read those as resources.</summary>
    /// <value><c>false</c></value>
    public bool LinksRuns { get; init; }

    /// <summary>Whether the agent has tools that change something.</summary>
    /// <value><c>true</c></value>
    public bool MayChange { get; init; } = true;
}
