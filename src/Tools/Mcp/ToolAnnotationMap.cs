using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>Translates between the tool contract and the hints of MCP.</summary>
internal static class ToolAnnotationMap
{
    /// <summary>A function as clients see it.</summary>
    public static Tool Describe(AIFunction tool) => new()
    {
        Name = tool.Name,
        Description = tool.Description,
        Title = McpToolInfo.Of(tool).Title,
        InputSchema = tool.JsonSchema,
        OutputSchema = ToolResultMap.OutputSchema(tool),
        Icons = McpToolInfo.Of(tool).Icons?.ToList(),
        Annotations = ToAnnotations(ToolContract.Of(tool)),
        Meta = ContractMeta.Of(ToolContract.Of(tool)),
    };

    /// <summary>What a server's tool amounts to: its hints, made more exact by what another AgentKit adds to them.</summary>
    public static ToolContract ContractOf(Tool tool) => ContractMeta.Refine(ToContract(tool.Annotations), tool.Meta);

    /// <summary>What may be promised to a client that sends no call key.</summary>
    public static ToolAnnotations ToAnnotations(ToolContract contract)
    {
        var readOnly = contract.SideEffect is SideEffect.None or SideEffect.LocalRead or SideEffect.NetworkRead;
        return new ToolAnnotations
        {
            ReadOnlyHint = readOnly,
            DestructiveHint = !readOnly,
            // A writing tool is idempotent only together with the call's key, which few clients send.
            IdempotentHint = contract.Replay == ToolReplay.Pure || (readOnly && contract.Replay == ToolReplay.Idempotent),
            OpenWorldHint = contract.SideEffect is SideEffect.NetworkRead or SideEffect.NetworkWrite or SideEffect.Irreversible,
        };
    }

    /// <summary>What a server's hints amount to; an absent hint has the specification's default, which is the careful one.</summary>
    public static ToolContract ToContract(ToolAnnotations? hints)
    {
        var openWorld = hints?.OpenWorldHint ?? true;
        if (hints?.ReadOnlyHint ?? false)
            return new ToolContract(ToolReplay.Idempotent, openWorld ? SideEffect.NetworkRead : SideEffect.LocalRead);
        var replay = hints?.IdempotentHint ?? false ? ToolReplay.Idempotent : ToolReplay.Unsafe;
        if (hints?.DestructiveHint ?? true)
            return new ToolContract(replay, SideEffect.Irreversible);
        return new ToolContract(replay, openWorld ? SideEffect.NetworkWrite : SideEffect.LocalWrite);
    }
}
