using System.Text.Json;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>The tool by which a model gives the conversation to another agent of its team.</summary>
internal sealed class HandoffTool(string agent, string? description, string? instructions) : AIFunction
{
    public override string Name { get; } = $"transfer_to_{agent}";

    public override string Description { get; } =
        $"Hand the conversation over to '{agent}'.{(description is null ? "" : $" {description}")}";

    public override JsonElement JsonSchema { get; } = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new ToolContract(ToolReplay.Pure, SideEffect.None).ToProperties();

    /// <summary>The record of the handoff.</summary>
    public AgentEvent.HandedOff Event(int step) => new(step, agent, instructions);

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        ValueTask.FromResult<object?>($"'{agent}' goes on from here.");
}
