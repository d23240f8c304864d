using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Agents;

/// <summary>What an <see cref="Agent"/> is and works with.</summary>
public sealed record AgentOptions
{
    /// <summary>The agent's name, as runs and traces show it.</summary>
    /// <value><c>agent</c></value>
    public string Name { get; init; } = "agent";

    /// <summary>The system message: who the agent is and how it works.</summary>
    /// <value>None.</value>
    public string? Instructions { get; init; }

    /// <summary>The tools the model may call. Names must be different.</summary>
    /// <value>None.</value>
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];

    /// <summary>Where runs are recorded.</summary>
    /// <value>In memory, for as long as the agent lives.</value>
    public IJournal? Journal { get; init; }

    /// <summary>How often the model is asked in one run. 1 to 200.</summary>
    /// <value>12</value>
    public int MaxSteps { get; init => field = InRange(value, 1, 200, nameof(MaxSteps)); } = 12;

    /// <summary>
    /// Rounds of tool calls in a row that may fail altogether before the run is given up. A round fails when every call in it was unusable
    /// or made its tool crash; a tool that refuses with a <see cref="Kernel.Errors.ToolException"/> has worked. 1 to 200.
    /// </summary>
    /// <value>3</value>
    public int MaxConsecutiveErrors { get; init => field = InRange(value, 1, 200, nameof(MaxConsecutiveErrors)); } = 3;

    /// <summary>Passed to every model call: temperature, token limits and so on. <see cref="Tools"/> are added to its tools.</summary>
    /// <value>The model's defaults.</value>
    public ChatOptions? ChatOptions { get; init; }

    /// <summary>The model's name in runs and traces.</summary>
    /// <value>What the model calls itself, else <c>model</c>.</value>
    public string? ModelName { get; init; }

    /// <summary>The actor system in which the runs live; it outlives the agent.</summary>
    /// <value>One of the agent's own.</value>
    public ActorSystem? ActorSystem { get; init; }

    /// <summary>Seed of the random part of run ids.</summary>
    /// <value>From the operating system.</value>
    public int? Seed { get; init; }

    /// <summary>The clock.</summary>
    /// <value><see cref="TimeProvider.System"/></value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures are logged that neither the model nor the answer shows.</summary>
    /// <value>Nowhere.</value>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    private static int InRange(int value, int low, int high, string name) =>
        value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(name, value, $"{low}..{high}");
}
