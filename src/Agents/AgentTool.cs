using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>
/// An agent as a tool of another one. The call's key is the id of the run it makes, so a call that is repeated after a crash takes up the
/// same run; when that run stands for a decision, the caller's run stands with it.
/// </summary>
internal sealed class AgentTool(Agent agent, string name, string description, bool durable) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        """{"type":"object","properties":{"task":{"type":"string","description":"What is to be done, with all that is needed to do it."}},"required":["task"]}""");

    // What the agent's own tools change is decided by the agent's own policy.
    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new ToolContract(durable ? ToolReplay.Idempotent : ToolReplay.Unsafe, SideEffect.None).ToProperties();

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string task = arguments["task"] is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString()! : $"{arguments["task"]}";
        AgentResult result = await agent.RunOrResumeAsync(task, ToolCallKey.Find(arguments), cancellationToken).ConfigureAwait(false);
        return result.Status switch
        {
            RunStatus.Completed => result.Answer,
            RunStatus.Waiting => throw new ToolWaitsException(result.RunId),
            _ => throw new ToolException($"The agent '{agent.Name}' did not answer: {result.Error}"),
        };
    }
}
