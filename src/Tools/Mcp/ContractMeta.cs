using System.Text.Json.Nodes;
using AgentKit.Kernel.Tools;
using ModelContextProtocol;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// What two AgentKits tell each other in the <c>_meta</c> of MCP messages, for which the protocol has no field: a tool's whole contract,
/// and the key of a call. Others ignore it.
/// </summary>
internal static class ContractMeta
{
    public const string CallKey = "agentkit/call-key";
    public const string Replay = "agentkit/replay";
    public const string Effect = "agentkit/side-effect";
    public const string Approval = "agentkit/approval";

    private const int LongestKey = 200;

    private static readonly Dictionary<ToolReplay, string> Replays = Names<ToolReplay>();
    private static readonly Dictionary<SideEffect, string> Effects = Names<SideEffect>();
    private static readonly Dictionary<ApprovalAnswer, string> Approvals = Names<ApprovalAnswer>();

    /// <summary>A contract as a tool's <c>_meta</c>; none for a tool that declares nothing.</summary>
    public static JsonObject? Of(ToolContract contract)
    {
        if (!contract.IsDeclared && contract.Approval is null) return null;
        var meta = new JsonObject();
        if (contract.IsDeclared) (meta[Replay], meta[Effect]) = (Replays[contract.Replay], Effects[contract.SideEffect]);
        if (contract.Approval is { } approval) meta[Approval] = Approvals[approval];
        return meta;
    }

    /// <summary>
    /// A contract made more exact by what a tool's <c>_meta</c> says. It never makes a tool harmless that its hints do not call so, and
    /// takes no verifier for granted, because none comes over the wire.
    /// </summary>
    public static ToolContract Refine(ToolContract hinted, JsonObject? meta)
    {
        if (meta is null) return hinted;
        ToolContract contract = hinted;
        if (Find(Replays, meta[Replay]) is { } replay && Find(Effects, meta[Effect]) is { } effect)
        {
            var said = new ToolContract(replay is ToolReplay.Verifiable ? ToolReplay.Unsafe : replay, effect);
            if (hinted.IsHarmless || !said.IsHarmless) contract = said;
        }

        return contract with { Approval = Find(Approvals, meta[Approval]) };
    }

    /// <summary>The <c>_meta</c> of a call; none without a key.</summary>
    public static JsonObject? OfCall(string? key) => key is null ? null : new JsonObject { [CallKey] = key };

    /// <summary>The key a call came with, if it has one.</summary>
    /// <exception cref="McpProtocolException">It is no text of a sensible length.</exception>
    public static string? KeyOf(JsonObject? meta)
    {
        if (meta?[CallKey] is not { } node) return null;
        return TextOf(node) is { Length: > 0 and <= LongestKey } key
            ? key
            : throw new McpProtocolException($"_meta '{CallKey}' must be a string of 1 to {LongestKey} characters", McpErrorCode.InvalidParams);
    }

    private static T? Find<T>(Dictionary<T, string> names, JsonNode? node)
        where T : struct
    {
        if (TextOf(node) is not { } text) return null;
        foreach ((T value, string name) in names)
        {
            if (name == text) return value;
        }

        return null;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static Dictionary<T, string> Names<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().ToDictionary(value => value, value => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}
