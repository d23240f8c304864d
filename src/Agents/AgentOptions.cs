using System.Text.Json;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
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

    /// <summary>What the agent is good for, in one sentence; other agents are shown it when they can hand over to this one.</summary>
    /// <value>None.</value>
    public string? Description { get; init; }

    /// <summary>The system message: who the agent is and how it works.</summary>
    /// <value>None.</value>
    public string? Instructions { get; init; }

    /// <summary>The tools the model may call. Names must be different.</summary>
    /// <value>None.</value>
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];

    /// <summary>Where runs are recorded.</summary>
    /// <value>In memory, for as long as the agent lives.</value>
    public IJournal? Journal { get; init; }

    /// <summary>
    /// Agents a run can be handed over to, and by each of them to every other. A handoff is a tool call of the model; the conversation
    /// goes on with the other agent's model, instructions, tools, policy and context. Limits and journal stay this agent's.
    /// </summary>
    /// <value>None.</value>
    public IReadOnlyList<Agent> Handoffs { get; init; } = [];

    /// <summary>Which tool calls run, which need consent, which never run.</summary>
    /// <value>Tools that declare a write ask, see <see cref="ToolPolicy"/>.</value>
    public ToolPolicy Policy { get; init; } = new();

    /// <summary>
    /// Decides on calls that need consent; called for several at once, while other calls run. May answer <see cref="ApprovalReply.Wait"/>.
    /// </summary>
    /// <value>Nobody: such calls are refused, and the model is told.</value>
    public Func<ApprovalRequest, CancellationToken, ValueTask<ApprovalReply>>? Approver { get; init; }

    /// <summary>What the context is made of and how it is kept from getting too long.</summary>
    /// <value>The defaults of <see cref="ContextOptions"/>.</value>
    public ContextOptions Context { get; init; } = new();

    /// <summary>JSON schema of the answer. An answer of another form goes back to the model with what is wrong.</summary>
    /// <value>None: the answer is any text.</value>
    public JsonElement? AnswerSchema { get; init; }

    /// <summary>Journaled with each run for whoever takes it up in another process; the agent itself does not read it.</summary>
    /// <value>None.</value>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>
    /// Whether the first use of the agent takes up its runs that other processes left unfinished: their owners have died, or let go of
    /// them. See <see cref="Agent.RecoverAsync"/>.
    /// </summary>
    /// <value><c>true</c></value>
    public bool RecoverAtStart { get; init; } = true;

    /// <summary>How often the model is asked in one run. 1 to 200.</summary>
    /// <value>12</value>
    public int MaxSteps { get; init => field = InRange(value, 1, 200, nameof(MaxSteps)); } = 12;

    /// <summary>
    /// Rounds of tool calls in a row that may fail altogether before the run is given up. A round fails when every call in it was unusable
    /// or made its tool crash; a tool that refuses with a <see cref="Kernel.Errors.ToolException"/> has worked. 1 to 200.
    /// </summary>
    /// <value>3</value>
    public int MaxConsecutiveErrors { get; init => field = InRange(value, 1, 200, nameof(MaxConsecutiveErrors)); } = 3;

    /// <summary>Tokens, read and written, after which a run is given up. 1 or more.</summary>
    /// <value>No limit.</value>
    public long? MaxTokens
    {
        get;
        init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "1 or more");
    }

    /// <summary>
    /// How long a run may be worked on, counted anew when it is taken up again; waiting for decisions does not count. Up to 40 days.
    /// </summary>
    /// <value>No limit.</value>
    public TimeSpan? MaxDuration
    {
        get;
        init => field = value is null || (value > TimeSpan.Zero && value <= TimeSpan.FromDays(40))
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxDuration), value, "above 0 and at most 40 days");
    }

    /// <summary>How long tools in work may take to finish when the agent is disposed; then they are cancelled. Up to 1 day.</summary>
    /// <value>30 s</value>
    public TimeSpan DrainTimeout
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DrainTimeout), value, "0 to 1 day");
    } = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row the same tool calls may have the same results before the run is given up. 1 to 200.</summary>
    /// <value>5</value>
    public int MaxRepeats { get; init => field = InRange(value, 1, 200, nameof(MaxRepeats)); } = 5;

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
