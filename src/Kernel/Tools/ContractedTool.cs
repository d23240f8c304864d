using Microsoft.Extensions.AI;

namespace AgentKit.Kernel.Tools;

/// <summary>A tool with a contract put on it from outside.</summary>
internal sealed class ContractedTool : DelegatingAIFunction
{
    public ContractedTool(AIFunction tool, ToolContract contract)
        : base(tool)
    {
        var properties = new Dictionary<string, object?>(tool.AdditionalProperties, StringComparer.Ordinal);
        foreach ((string name, object? value) in contract.ToProperties()) properties[name] = value;
        AdditionalProperties = properties;
    }

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; }
}
